using System.Runtime.InteropServices;

namespace MLNet.Devise.Training.Learning;

/// <summary>Changes of light and colour, on interleaved blue, green, red, alpha; whole numbers only, so that every machine gives the same.</summary>
internal static class PixelColour
{
    // ITU-R BT.601, as Pillow and torchvision take grey; of 2^16.
    private const int Red = 19595, Green = 38470, Blue = 7471;

    /// <summary>Looks every channel up in a table of 256 levels.</summary>
    public static void Curve(Span<byte> bgra, byte[] curve)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(curve.Length, 256);
        foreach (ref var pixel in MemoryMarshal.Cast<byte, uint>(bgra))
            pixel = 0xFF000000 | (uint)(curve[(byte)pixel] | curve[(byte)(pixel >> 8)] << 8 | curve[(byte)(pixel >> 16)] << 16);
    }

    /// <summary>Stretches colours away from their grey; 1 leaves them, 0 leaves only the grey.</summary>
    public static void Saturate(Span<byte> bgra, double factor)
    {
        var scale = (int)Math.Round(factor * 65536);
        foreach (ref var pixel in MemoryMarshal.Cast<byte, uint>(bgra))
        {
            int blue = (byte)pixel, green = (byte)(pixel >> 8), red = (byte)(pixel >> 16);
            var grey = (red * Red + green * Green + blue * Blue + 32768) >> 16;
            pixel = 0xFF000000 | Stretch(red) << 16 | Stretch(green) << 8 | Stretch(blue);
            uint Stretch(int channel) => (uint)Math.Clamp(grey + (((channel - grey) * scale + 32768) >> 16), 0, 255);
        }
    }

    /// <summary>Paints a rectangle of a square picture over.</summary>
    /// <param name="bgra">The picture.</param>
    /// <param name="side">Its side, pixels.</param>
    /// <param name="erasure">What to paint where.</param>
    public static void Erase(Span<byte> bgra, int side, Erasure erasure)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(bgra);
        var random = erasure.Noise is { } seed ? new Random(seed) : null;
        for (var y = erasure.Y; y < erasure.Y + erasure.Height; y++)
        {
            var line = pixels.Slice(y * side + erasure.X, erasure.Width);
            if (random is null) line.Fill(Erasure.Mean);
            else
            {
                random.NextBytes(MemoryMarshal.AsBytes(line));
                foreach (ref var pixel in line) pixel |= 0xFF000000;
            }
        }
    }
}

/// <summary>A rectangle to paint over.</summary>
/// <param name="X">Left edge, pixels.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
/// <param name="Noise">Seed of random pixels; null paints <see cref="Mean"/>.</param>
internal readonly record struct Erasure(int X, int Y, int Width, int Height, int? Noise)
{
    /// <summary>ImageNet's mean colour (0.485, 0.456, 0.406).</summary>
    public const uint Mean = 0xFF7C7468;
}
