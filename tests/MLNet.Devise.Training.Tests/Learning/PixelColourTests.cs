using MLNet.Devise.Scoring;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests.Learning;

/// <summary>Pixel loops against the same in floats, pixel by pixel.</summary>
public sealed class PixelColourTests
{
    [Theory]
    [InlineData(0), InlineData(1), InlineData(3), InlineData(5), InlineData(6), InlineData(64), InlineData(1000)]
    public void Layouts_turn_into_each_other(int pixels)
    {
        var (rgb, bgra, back) = (new byte[pixels * 3], new byte[pixels * 4], new byte[pixels * 3]);
        new Random(pixels).NextBytes(rgb);
        PixelLayout.ToBgra(rgb, bgra);
        for (var i = 0; i < pixels; i++) Assert.Equal([rgb[3 * i + 2], rgb[3 * i + 1], rgb[3 * i], (byte)255], bgra[(4 * i)..(4 * i + 4)]);
        PixelLayout.ToRgb(bgra, back);
        Assert.Equal(rgb, back);
    }

    [Theory]
    [InlineData(0), InlineData(0.5), InlineData(1), InlineData(1.6)]
    public void Saturation_stretches_away_from_grey(double factor)
    {
        var (before, after) = Pixels();
        PixelColour.Saturate(after, factor);
        for (var i = 0; i < before.Length; i += 4)
        {
            var grey = 0.114 * before[i] + 0.587 * before[i + 1] + 0.299 * before[i + 2];
            for (var c = 0; c < 3; c++) Assert.InRange(after[i + c] - Math.Clamp(grey + factor * (before[i + c] - grey), 0, 255), -1.01, 1.01);
            Assert.Equal(255, after[i + 3]);
            if (factor == 0) Assert.True(after[i] == after[i + 1] && after[i] == after[i + 2]);
        }
        if (factor == 1) Assert.Equal(before, after);
    }

    [Fact]
    public void A_curve_is_looked_up_in_every_channel()
    {
        var (before, after) = Pixels();
        var curve = Enumerable.Range(0, 256).Select(level => (byte)(level / 2 + 40)).ToArray();
        PixelColour.Curve(after, curve);
        Assert.Equal(before.Select((value, i) => i % 4 == 3 ? (byte)255 : curve[value]), after);
    }

    [Theory]
    [InlineData(null), InlineData(7)]
    public void Erasing_paints_inside_the_rectangle_only(int? noise)
    {
        var (before, after) = Pixels();
        PixelColour.Erase(after, 32, new(5, 9, 20, 12, noise));
        var inside = new List<uint>();
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 32; x++)
            {
                var at = (y * 32 + x) * 4;
                if (x >= 5 && x < 25 && y >= 9 && y < 21) inside.Add(BitConverter.ToUInt32(after, at));
                else Assert.Equal(before[at..(at + 4)], after[at..(at + 4)]);
            }
        Assert.All(inside, pixel => Assert.Equal(255u, pixel >> 24));
        if (noise is null) Assert.All(inside, pixel => Assert.Equal((0x7Cu, 0x74u, 0x68u), (pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255)));
        else Assert.True(inside.Distinct().Count() > 200);
    }

    private static (byte[] Before, byte[] After) Pixels()
    {
        var pixels = new byte[32 * 32 * 4];
        new Random(2).NextBytes(pixels);
        for (var i = 3; i < pixels.Length; i += 4) pixels[i] = 255;
        return (pixels, (byte[])pixels.Clone());
    }
}
