using SkiaSharp;

namespace MLNet.Devise.Data.Sample;

/// <summary>What a camera would add: brighter or darker, falling off to one side, a slight cast, noise in every pixel.</summary>
internal static class SampleLight
{
    public static SKColor Dim(SKColor colour, float factor) =>
        new((byte)(colour.Red * factor), (byte)(colour.Green * factor), (byte)(colour.Blue * factor));

    public static void Apply(SKBitmap bitmap, Random random)
    {
        var size = bitmap.Width;
        var noise = new byte[2 * 3 * size * size];
        random.NextBytes(noise);
        ReadOnlySpan<float> cast = [random.Between(0.96f, 1.04f), random.Between(0.96f, 1.04f), random.Between(0.96f, 1.04f)];
        var light = random.Between(0.88f, 1.12f);
        var (slopeX, slopeY) = (random.Between(-0.1f, 0.1f), random.Between(-0.1f, 0.1f));
        var strength = random.Between(0.01f, 0.11f);

        using var pixmap = bitmap.PeekPixels();
        var pixels = pixmap.GetPixelSpan<byte>();
        var next = 0;
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
            {
                var gain = light * (1 + slopeX * (x / (float)size - 0.5f) + slopeY * (y / (float)size - 0.5f));
                var pixel = pixels.Slice(4 * (y * size + x), 4);
                for (var channel = 0; channel < 3; channel++)
                {
                    // The sum of two uniform bytes: a triangular distribution, near enough to a sensor's.
                    var grain = (noise[next++] + noise[next++] - 255) * strength;
                    pixel[channel] = (byte)Math.Clamp(pixel[channel] * gain * cast[channel] + grain, 0, 255);
                }
            }
    }
}
