using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Tests.Scoring;

public sealed class StockCropTests
{
    private sealed class Photo
    {
        [ImageType(1, 1)] public MLImage? Image { get; set; }
    }

    /// <summary>Every pair of odd sizes, so that scales, roundings and both sides of the crop are met; noise shows any shift.</summary>
    [Fact]
    public void It_equals_ML_NETs_own_ResizeImages_pixel_for_pixel()
    {
        int[] sides = [1, 2, 3, 5, 7, 15, 16, 17, 31, 32, 33, 63, 65, 97, 131, 200, 333];
        foreach (var size in (int[])[1, 16, 33, 64])
            foreach (var width in sides)
                foreach (var height in sides)
                    AssertSame(width, height, size);
    }

    [Theory]
    [InlineData(500, 333, 224)]
    [InlineData(1023, 771, 224)]
    [InlineData(3001, 7, 224)]
    [InlineData(225, 224, 224)]
    [InlineData(447, 447, 224)]
    [InlineData(640, 427, 224)]
    [InlineData(333, 447, 227)]
    public void It_does_so_at_the_networks_real_size(int width, int height, int size) => AssertSame(width, height, size);

    private static void AssertSame(int width, int height, int size)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        var pixels = new byte[width * height * 4];
        new Random(width * 1000 + height).NextBytes(pixels);
        for (var i = 3; i < pixels.Length; i += 4) pixels[i] = 255;
        System.Runtime.InteropServices.Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        using var ours = StockCrop.Of(bitmap, size);
        using var stock = Stock(MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels), size);
        Assert.True(ours.GetPixelSpan().SequenceEqual(stock.Pixels), $"{width}×{height} → {size} differs");
    }

    private static MLImage Stock(MLImage image, int size)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable([new Photo { Image = image }]);
        var resized = context.Transforms.ResizeImages("Image", size, size, resizing: ImageResizingEstimator.ResizingKind.IsoCrop).Fit(data).Transform(data);
        using var cursor = resized.GetRowCursor([resized.Schema["Image"]]);
        var getter = cursor.GetGetter<MLImage>(resized.Schema["Image"]);
        Assert.True(cursor.MoveNext());
        MLImage value = null!;
        getter(ref value);
        // The cursor's own image goes with the cursor.
        return MLImage.CreateFromPixels(value.Width, value.Height, value.PixelFormat, value.Pixels);
    }
}
