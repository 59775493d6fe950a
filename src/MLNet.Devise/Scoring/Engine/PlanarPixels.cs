using System.Numerics;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>Interleaved BGRA bytes → the network's input: a plane each of red, green and blue, in 0..1.</summary>
internal static class PlanarPixels
{
    /// <summary>Fills the planes with byte × (1 / 255), to the bit what ML.NET's <c>ExtractPixels</c> computes with that scale.</summary>
    /// <param name="square">An opaque BGRA bitmap without padding.</param>
    /// <param name="planes">3 × width × height values.</param>
    public static void Fill(SKBitmap square, Span<float> planes)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(square.GetPixelSpan());
        var count = pixels.Length;
        var red = planes[..count];
        var green = planes.Slice(count, count);
        var blue = planes.Slice(2 * count, count);
        var (scale, low) = (new Vector<float>(1 / 255f), new Vector<uint>(0xFF));
        var i = 0;
        for (; i <= count - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            var four = new Vector<uint>(pixels[i..]);
            (Vector.ConvertToSingle(((four >> 16) & low).As<uint, int>()) * scale).CopyTo(red[i..]);
            (Vector.ConvertToSingle(((four >> 8) & low).As<uint, int>()) * scale).CopyTo(green[i..]);
            (Vector.ConvertToSingle((four & low).As<uint, int>()) * scale).CopyTo(blue[i..]);
        }
        for (; i < count; i++)
            (red[i], green[i], blue[i]) = ((pixels[i] >> 16 & 0xFF) * (1 / 255f), (pixels[i] >> 8 & 0xFF) * (1 / 255f), (pixels[i] & 0xFF) * (1 / 255f));
    }
}
