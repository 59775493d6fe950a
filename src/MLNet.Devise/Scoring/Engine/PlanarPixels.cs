using System.Numerics;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Scoring.Engine;

/// <summary><see cref="InterleavedPixels"/> → the network's input: a plane each of red, green and blue, in 0..1.</summary>
internal static class PlanarPixels
{
    /// <summary>Planes of an image.</summary>
    public const int Planes = 3;

    /// <summary>Fills the planes with byte × (1 / 255), to the bit what ML.NET's <c>ExtractPixels</c> computes with that scale.</summary>
    /// <param name="bytes">Of one square.</param>
    /// <param name="planes">Receives 3 × width × height values.</param>
    public static void Fill(ReadOnlySpan<byte> bytes, Span<float> planes)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(bytes);
        var count = pixels.Length;
        var red = planes[..count];
        var green = planes.Slice(count, count);
        var blue = planes.Slice(2 * count, count);
        var (scale, low) = (new Vector<float>(1 / 255f), new Vector<uint>(0xFF));
        var i = 0;
        for (; i <= count - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            var four = new Vector<uint>(pixels[i..]);
            (Vector.ConvertToSingle((four & low).As<uint, int>()) * scale).CopyTo(red[i..]);
            (Vector.ConvertToSingle((four >> 8 & low).As<uint, int>()) * scale).CopyTo(green[i..]);
            (Vector.ConvertToSingle((four >> 16 & low).As<uint, int>()) * scale).CopyTo(blue[i..]);
        }
        for (; i < count; i++)
            (red[i], green[i], blue[i]) = ((pixels[i] & 0xFF) * (1 / 255f), (pixels[i] >> 8 & 0xFF) * (1 / 255f), (pixels[i] >> 16 & 0xFF) * (1 / 255f));
    }
}
