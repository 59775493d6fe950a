using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>Memory of decoded photos, used again: fresh pages of the system, one photo after the other, take as long as scaling it does.</summary>
internal static class PixelMemory
{
    /// <summary>Beyond it, 8 megapixels, memory goes back to the system.</summary>
    private const int MostBytes = 32 << 20;

    private static readonly SKBitmapReleaseDelegate Release = (_, rented) => ((Rented)rented).Free();

    /// <summary>Gives a bitmap pixels of any value; false where there is no memory for them. They are returned when the bitmap is disposed.</summary>
    public static bool TryGive(SKBitmap bitmap, SKImageInfo info)
    {
        if (info.BytesSize64 > MostBytes) return bitmap.TryAllocPixels(info);
        try
        {
            var rented = new Rented(info.BytesSize);
            if (bitmap.InstallPixels(info, rented.Address, info.RowBytes, Release, rented)) return true;
            rented.Free();
        }
        catch (OutOfMemoryException) { }
        return false;
    }

    private sealed class Rented
    {
        private readonly byte[] _bytes;
        private GCHandle _pin;

        public Rented(int count)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(count);
            _pin = GCHandle.Alloc(_bytes, GCHandleType.Pinned);
        }

        public nint Address => _pin.AddrOfPinnedObject();

        public void Free()
        {
            if (!_pin.IsAllocated) return;
            _pin.Free();
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
