using System.Runtime.Intrinsics.X86;
using SkiaSharp;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// The decoder for the photos that make up most of any collection: every pixel that it gives is the one that Skia, which decodes all
/// else, gives, in half the time. Only what is sound and usual is decoded here; at the first doubt Skia has the say.
/// </summary>
internal static unsafe class BaselineJpeg
{
    // Below, libjpeg treats colour differently; above, photos are as a rule decoded smaller, and the samples would take much memory.
    private const int LeastSide = 16, MostPixels = 1 << 23;

    /// <summary>Fills a bitmap of the photo's size, as stored; false, with anything in it, where this is for Skia to do.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="target">BGRA.</param>
    public static bool TryDecode(ReadOnlySpan<byte> file, SKBitmap target)
    {
        if (!Avx2.IsSupported || JpegHeader.TryRead(file) is not { } header) return false;
        var (width, height) = (header.Width, header.Height);
        if (width != target.Width || height != target.Height || Math.Min(width, height) < LeastSide || (long)width * height > MostPixels) return false;

        var fullest = header.Components[0];
        var (unitsWide, unitsHigh) = (Units(width, fullest.Across), Units(height, fullest.Down));
        var planes = new ComponentPlane[header.Components.Count];
        for (var i = 0; i < planes.Length; i++) planes[i] = new(header.Components[i], unitsWide, unitsHigh);
        try
        {
            using var painter = new RowPainter(header, planes);
            using var scan = new ScanData(file[header.Scan..]);
            var reader = new ScanReader(scan);
            var (painted, units) = (0, 0);
            for (var row = 0; row < unitsHigh; row++)
            {
                foreach (var plane in planes) plane.Clear();
                for (var unit = 0; unit < unitsWide; unit++, units++)
                {
                    if (header.RestartInterval > 0 && units > 0 && units % header.RestartInterval == 0)
                    {
                        if (!reader.TryRestart()) return false;
                        foreach (var plane in planes) plane.Restart();
                    }
                    foreach (var plane in planes)
                        if (!plane.TryRead(ref reader, unit)) return false;
                }
                if (!reader.IsWithin) return false;
                foreach (var plane in planes) plane.Transform(row);
                // The last row of pixels waits for the colour below it.
                var ready = row + 1 == unitsHigh ? height : (row + 1) * fullest.Down * ComponentPlane.Block - (fullest.Down - 1);
                for (; painted < ready; painted++) painter.Paint(painted, (byte*)target.GetPixels() + (nint)painted * target.RowBytes);
            }
            return true;
        }
        finally
        {
            foreach (var plane in planes) plane.Dispose();
        }
    }

    private static int Units(int pixels, int blocks) => (pixels + blocks * ComponentPlane.Block - 1) / (blocks * ComponentPlane.Block);
}
