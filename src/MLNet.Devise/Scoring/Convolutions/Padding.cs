using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>A map's copy with zeros around it, its channels close together.</summary>
internal static unsafe class Padding
{
    /// <summary>Copies one image.</summary>
    /// <param name="source">The image's first pixel.</param>
    /// <param name="map">The map it is of.</param>
    /// <param name="target">height × width × channels values.</param>
    /// <param name="height">Rows with padding.</param>
    /// <param name="width">Columns with padding.</param>
    /// <param name="before">Rows above and columns to the left.</param>
    public static void Copy(float* source, FeatureMap map, float* target, int height, int width, int before)
    {
        var (channels, pitch, row) = (map.Channels, (nint)map.Pitch, (nint)width * map.Channels);
        Clear(target, before * row);
        var lines = Math.Min(map.Height, height - before);
        var pixels = Math.Min(map.Width, width - before);
        for (var y = 0; y < lines; y++)
        {
            var from = source + y * map.Width * pitch;
            var to = target + (y + before) * row;
            Clear(to, (nint)before * channels);
            to += (nint)before * channels;
            if (pitch == channels) Unsafe.CopyBlockUnaligned(to, from, (uint)(pixels * channels * sizeof(float)));
            else for (var x = 0; x < pixels; x++) Unsafe.CopyBlockUnaligned(to + (nint)x * channels, from + x * pitch, (uint)(channels * sizeof(float)));
            Clear(to + (nint)pixels * channels, (nint)(width - before - pixels) * channels);
        }
        Clear(target + (before + lines) * row, (height - before - lines) * row);
    }

    private static void Clear(float* target, nint values) => Unsafe.InitBlockUnaligned(target, 0, (uint)(values * sizeof(float)));
}
