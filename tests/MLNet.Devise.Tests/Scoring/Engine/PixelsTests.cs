using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Embedding;
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

    [Fact]
    public void The_fourth_byte_is_255_where_stock_scaling_paints_nothing_too()
    {
        // 375 · (224 / 375f) is a hair below 224, and the last row stays as it was.
        using var photo = Pictures.Draw(500, 375, 3);
        using var square = StockCrop.Of(photo, 224);
        Assert.Equal(0, square.GetPixelSpan()[^1]);
        var pixels = new byte[4 * 224 * 224];
        InterleavedPixels.Copy(square, pixels);
        Assert.All(Enumerable.Range(0, 224 * 224), i => Assert.Equal(255, pixels[4 * i + 3]));
    }

    [Fact]
    public void A_batch_that_no_array_holds_is_refused()
    {
        var error = Assert.Throws<DeviseInputException>(() => new EmbeddingModel([], "m.onnx", 1024, ImageScaling.Stock, 3).Load(new() { BatchSize = 1024 }));
        Assert.Equal("batchSize: 1024 images of 1024 × 1024 pixels, expected at most 511 of that size", error.Message);
    }
}
