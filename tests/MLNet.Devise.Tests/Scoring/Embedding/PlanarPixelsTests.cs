using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Tests.Scoring.Embedding;

public sealed class PlanarPixelsTests
{
    [Theory]
    [InlineData(1, 1), InlineData(7, 3), InlineData(16, 16), InlineData(33, 5)]
    public void Each_plane_has_its_channel_times_a_255th(int width, int height)
    {
        using var square = Pictures.Draw(width, height, 7);
        var planes = new float[3 * width * height];
        PlanarPixels.Fill(square, planes);
        for (var i = 0; i < width * height; i++)
        {
            var pixel = square.GetPixel(i % width, i / width);
            Assert.Equal([pixel.Red * (1 / 255f), pixel.Green * (1 / 255f), pixel.Blue * (1 / 255f)], [planes[i], planes[width * height + i], planes[2 * width * height + i]]);
        }
    }
}
