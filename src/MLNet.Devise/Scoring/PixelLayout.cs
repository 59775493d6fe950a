namespace MLNet.Devise.Scoring;

/// <summary>Rearranges pixels between the layouts of the libraries.</summary>
internal static class PixelLayout
{
    /// <summary>Interleaved blue, green, red, alpha → interleaved red, green, blue.</summary>
    public static void ToRgb(ReadOnlySpan<byte> bgra, Span<byte> rgb)
    {
        for (var (from, to) = (0, 0); to < rgb.Length; from += 4, to += 3)
        {
            rgb[to] = bgra[from + 2];
            rgb[to + 1] = bgra[from + 1];
            rgb[to + 2] = bgra[from];
        }
    }
}
