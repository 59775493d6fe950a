using System.Runtime.Intrinsics.X86;
using SkiaSharp;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// The decoder for the photos that make up most of any collection: every pixel of a whole photo is the one that Skia, which decodes all
/// else, gives, in half the time (unless samples come out further from their range than it is wide, which only damage makes them); those
/// of a reduced one are near the means of whole ones. Only what is sound and usual is decoded here; at the first doubt Skia has the say.
/// </summary>
internal static unsafe class BaselineJpeg
{
    // Below, libjpeg treats colour differently; above, photos are as a rule decoded smaller, and the samples would take much memory.
    private const int LeastSide = 16, MostPixels = 1 << 23, MostHalvings = 3;

    /// <summary>Fills a bitmap; false, with anything in it, where this is for Skia to do.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="target">BGRA, of the photo's size as stored, or of a half, a quarter or an eighth of it, rounded up.</param>
    public static bool TryDecode(ReadOnlySpan<byte> file, SKBitmap target)
    {
        try { return Avx2.IsSupported && JpegHeader.TryRead(file) is { } header && TryDecode(file, header, target); }
        catch (OutOfMemoryException) { return false; }
    }

    private static bool TryDecode(ReadOnlySpan<byte> file, JpegHeader header, SKBitmap target)
    {
        var (width, height, luminance) = (header.Width, header.Height, header.Components[0]);
        if (Math.Min(width, height) < LeastSide || (long)width * height > MostPixels) return false;
        var halvings = 0;
        while (halvings < MostHalvings && Halved(width, halvings) > target.Width) halvings++;
        if (Halved(width, halvings) != target.Width || Halved(height, halvings) != target.Height) return false;
        // Halved colour of half the resolution is as it is; of half the columns alone, it is left to Skia.
        if (halvings > 0 && luminance.Across != luminance.Down) return false;
        var spread = halvings > 0 ? (Across: 1, Down: 1) : (luminance.Across, luminance.Down);

        using var planes = new Planes(header, halvings);
        using var painter = new RowPainter(target.Width, target.Height, planes.All, spread);
        using var scan = new ScanData(file.Slice(header.Scan, (int)Math.Min(file.Length - header.Scan, planes.MostBytes)), planes.MostRestarts);
        if (!scan.Ended) return false;
        var reader = new ScanReader(scan);
        var (painted, to, rowBytes, pixels) = (0, target.GetPixels(), target.RowBytes, target.Height);
        for (var row = 0; row < planes.UnitsHigh; row++)
        {
            if (!planes.TryRead(ref reader, row)) return false;
            // The last row of pixels waits for the colour below it.
            var ready = row + 1 == planes.UnitsHigh ? pixels : ((row + 1) * luminance.Down * ComponentPlane.Block >> halvings) - (spread.Down - 1);
            for (; painted < ready; painted++) painter.Paint(painted, (byte*)to + (nint)painted * rowBytes);
        }
        return true;
    }

    private static int Halved(int pixels, int times) => pixels + (1 << times) - 1 >> times;
}
