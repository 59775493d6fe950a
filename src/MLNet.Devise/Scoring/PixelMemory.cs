using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>Memory of decoded photos, used again: fresh pages of the system, one photo after the other, take as long as scaling it does.</summary>
internal static class PixelMemory
{
    /// <summary>Beyond it, 8 megapixels, memory goes back to the system.</summary>
    private const int MostBytes = 32 << 20;

    private static readonly SKBitmapReleaseDelegate Release = (_, pixels) => ((PinnedBytes)pixels).Dispose();

    /// <summary>Gives a bitmap pixels of any value; false where there is no memory for them. They are returned when the bitmap is disposed.</summary>
    public static bool TryGive(SKBitmap bitmap, SKImageInfo info)
    {
        if (info.BytesSize64 > MostBytes) return bitmap.TryAllocPixels(info);
        try
        {
            var pixels = new PinnedBytes(info.BytesSize);
            if (bitmap.InstallPixels(info, pixels.Address, info.RowBytes, Release, pixels)) return true;
            pixels.Dispose();
            return false;
        }
        catch (OutOfMemoryException) { return false; }
    }
}
