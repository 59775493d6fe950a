using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Tests.Scoring;

public sealed class AntialiasedCropTests
{
    [Theory]
    [InlineData(50, 40, 16, null), InlineData(40, 50, 16, 20), InlineData(7, 9, 16, null), InlineData(16, 16, 16, null), InlineData(1, 1, 8, null), InlineData(33, 200, 24, 27), InlineData(640, 427, 32, null)]
    public void Equals_the_definition_to_a_rounding(int width, int height, int size, int? shortSide)
    {
        var random = new Random(width * 1000 + height);
        using var source = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) source.SetPixel(x, y, new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)));
        using var square = AntialiasedCrop.Of(source, size, shortSide);
        Assert.Equal((size, size), (square.Width, square.Height));
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
            {
                var expected = Naive(source, x, y, size, shortSide ?? size);
                var actual = square.GetPixel(x, y);
                Assert.InRange(actual.Red - expected.Red, -0.51, 0.51);
                Assert.InRange(actual.Green - expected.Green, -0.51, 0.51);
                Assert.InRange(actual.Blue - expected.Blue, -0.51, 0.51);
                Assert.Equal(255, actual.Alpha);
            }
    }

    [Fact]
    public void A_picture_of_the_right_size_stays_as_it_is()
    {
        using var source = Pictures.Draw(24, 24, seed: 3);
        using var square = AntialiasedCrop.Of(source, 24);
        for (var y = 0; y < 24; y++)
            for (var x = 0; x < 24; x++) Assert.Equal(source.GetPixel(x, y), square.GetPixel(x, y));
    }

    /// <summary>One pixel from the definition: a triangle over source positions, as wide as the scale or one pixel, in both axes at once.</summary>
    private static (double Red, double Green, double Blue) Naive(SKBitmap source, int x, int y, int size, int scaled)
    {
        var side = Math.Min(source.Width, source.Height);
        var (horizontal, vertical) = (Axis(source.Width, x), Axis(source.Height, y));
        double red = 0, green = 0, blue = 0, sum = 0;
        for (var sy = 0; sy < source.Height; sy++)
            for (var sx = 0; sx < source.Width; sx++)
            {
                var weight = horizontal(sx) * vertical(sy);
                if (weight <= 0) continue;
                var colour = source.GetPixel(sx, sy);
                (red, green, blue, sum) = (red + weight * colour.Red, green + weight * colour.Green, blue + weight * colour.Blue, sum + weight);
            }
        return (red / sum, green / sum, blue / sum);

        Func<int, double> Axis(int available, int target)
        {
            var full = Math.Round((double)scaled * available / side);
            var scale = available / full;
            var centre = (Math.Floor((full - size) / 2) + target + 0.5) * scale;
            return position => Math.Max(0, 1 - Math.Abs(position + 0.5 - centre) / Math.Max(scale, 1));
        }
    }
}
