using System.Numerics;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>A square's bytes as the first layer reads them: red, green, blue and 255 of each pixel, row by row.</summary>
internal static class InterleavedPixels
{
    /// <summary>Bytes a pixel.</summary>
    public const int Channels = 4;

    /// <summary>Copies a bitmap.</summary>
    /// <param name="square">A BGRA bitmap without padding; its fourth byte has no meaning.</param>
    /// <param name="pixels">Receives width × height × <see cref="Channels"/> bytes.</param>
    public static void Copy(SKBitmap square, Span<byte> pixels)
    {
        var from = MemoryMarshal.Cast<byte, uint>(square.GetPixelSpan());
        var to = MemoryMarshal.Cast<byte, uint>(pixels)[..from.Length];
        // The fourth byte is no bitmap's own: where stock scaling paints nothing, that is 0.
        var (low, green, fourth) = (new Vector<uint>(0xFF), new Vector<uint>(0xFF00), new Vector<uint>(0xFF000000));
        var i = 0;
        for (; i <= from.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            var four = new Vector<uint>(from[i..]);
            (four & green | (four & low) << 16 | four >> 16 & low | fourth).CopyTo(to[i..]);
        }
        for (; i < from.Length; i++) to[i] = from[i] & 0xFF00 | (from[i] & 0xFF) << 16 | from[i] >> 16 & 0xFF | 0xFF000000;
    }
}
