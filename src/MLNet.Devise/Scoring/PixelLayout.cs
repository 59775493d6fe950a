using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Scoring;

/// <summary>Rearranges pixels between the layouts of the libraries.</summary>
internal static class PixelLayout
{
    /// <summary>Interleaved blue, green, red, alpha → interleaved red, green, blue.</summary>
    public static void ToRgb(ReadOnlySpan<byte> bgra, Span<byte> rgb)
    {
        var (from, to) = (0, 0);
        // Four pixels at a time; each store writes four bytes too many, which the next one puts right.
        var order = Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255);
        for (; to + 16 <= rgb.Length; from += 16, to += 12)
            Vector128.Shuffle(Vector128.Create(bgra.Slice(from, 16)), order).CopyTo(rgb[to..]);
        for (; to < rgb.Length; from += 4, to += 3)
        {
            rgb[to] = bgra[from + 2];
            rgb[to + 1] = bgra[from + 1];
            rgb[to + 2] = bgra[from];
        }
    }

    /// <summary>Interleaved red, green, blue → interleaved blue, green, red, alpha; opaque.</summary>
    public static void ToBgra(ReadOnlySpan<byte> rgb, Span<byte> bgra)
    {
        var (from, to) = (0, 0);
        var order = Vector128.Create((byte)2, 1, 0, 255, 5, 4, 3, 255, 8, 7, 6, 255, 11, 10, 9, 255);
        var opaque = Vector128.Create(0xFF000000).AsByte();
        for (; from + 16 <= rgb.Length; from += 12, to += 16)
            (Vector128.Shuffle(Vector128.Create(rgb.Slice(from, 16)), order) | opaque).CopyTo(bgra[to..]);
        var pixels = MemoryMarshal.Cast<byte, uint>(bgra);
        for (; from < rgb.Length; from += 3, to += 4)
            pixels[to / 4] = 0xFF000000 | (uint)(rgb[from] << 16 | rgb[from + 1] << 8 | rgb[from + 2]);
    }
}
