using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Tests.Scoring.Engine;

public sealed class PixelsTests
{
    [Theory]
    [InlineData(1, 1), InlineData(7, 3), InlineData(16, 16), InlineData(33, 5)]
    public void Pixels_are_red_green_blue_and_255_and_each_plane_has_its_channel_times_a_255th(int width, int height)
    {
        using var square = Pictures.Draw(width, height, 7);
        var (pixels, planes, area) = (new byte[4 * width * height], new float[3 * width * height], width * height);
        InterleavedPixels.Copy(square, pixels);
        PlanarPixels.Fill(pixels, planes);
        for (var i = 0; i < area; i++)
        {
            var pixel = square.GetPixel(i % width, i / width);
            Assert.Equal([pixel.Red, pixel.Green, pixel.Blue, 255], pixels[(4 * i)..(4 * i + 4)]);
            Assert.Equal([pixel.Red * (1 / 255f), pixel.Green * (1 / 255f), pixel.Blue * (1 / 255f)], [planes[i], planes[area + i], planes[2 * area + i]]);
        }
    }
}
