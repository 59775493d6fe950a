using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Tests.Scoring.Embedding;

/// <summary>Decoding at a fraction of the size against its naive twin, decoding whole.</summary>
public sealed class ReducedDecodingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(ImageScaling.Stock, 100, 64, 8), InlineData(ImageScaling.Stock, 128, 64, 4), InlineData(ImageScaling.Stock, 200, 64, 4), InlineData(ImageScaling.Stock, 256, 64, 2), InlineData(ImageScaling.Stock, 5000, 64, 1)]
    [InlineData(ImageScaling.Antialiased, 64, 64, 8), InlineData(ImageScaling.Antialiased, 100, 64, 8), InlineData(ImageScaling.Antialiased, 160, 64, 4), InlineData(ImageScaling.Antialiased, 250, 64, 4), InlineData(ImageScaling.Antialiased, 5000, 64, 1), InlineData(ImageScaling.Antialiased, 20, 64, 8)]
    public void It_leaves_what_the_scaling_needs(ImageScaling scaling, int shortSide, int side, int eighths)
    {
        Assert.Equal(eighths, new Reduction(scaling, side).Eighths(shortSide, shortSide + 30));
        Assert.Equal(eighths, new Reduction(scaling, side).Eighths(2 * shortSide, shortSide));
    }

    [Theory]
    [InlineData(ImageScaling.Stock), InlineData(ImageScaling.Antialiased)]
    public void The_square_of_a_reduced_photo_is_near_that_of_the_whole(ImageScaling scaling)
    {
        foreach (var (width, height) in new[] { (401, 333), (333, 401), (640, 257), (161, 160), (1023, 999) })
        {
            using var drawn = Pictures.Draw(width, height, width);
            var path = Pictures.Save(_folder[$"{width}.jpg"], drawn);
            using var whole = Square(path, PhotoRules.Default, scaling, out var plain);
            using var reduced = Square(path, PhotoRules.Default with { Reduction = new(scaling, 64) }, scaling, out var photo);
            Assert.Equal((width, height, 1.0), (plain.Width, plain.Height, plain.Reduction));
            Assert.Equal((width, height), (photo.Width, photo.Height));
            Assert.True(photo.Reduction < 1);
            Assert.InRange(MeanDifference(whole, reduced), 0, 3);
        }
    }

    [Fact]
    public void Real_photos_keep_their_squares()
    {
        foreach (var path in Directory.GetFiles(TestData.Require("photos-full")).Order(StringComparer.Ordinal).Take(12))
        {
            using var whole = Square(path, PhotoRules.Default, ImageScaling.Antialiased, out _);
            using var reduced = Square(path, PhotoRules.Default with { Reduction = new(ImageScaling.Antialiased, 64) }, ImageScaling.Antialiased, out _);
            Assert.InRange(MeanDifference(whole, reduced), 0, 4);
        }
    }

    [Fact]
    public void What_is_no_JPEG_is_decoded_whole()
    {
        using var photo = Photo.TryDecode(Pictures.Save(_folder["a.png"], 200, 100), PhotoRules.Default with { Reduction = new(ImageScaling.Stock, 16) }, out var whole, out _, out _);
        Assert.Equal((200, 100, 1.0), (photo!.Width, photo.Height, whole.Reduction));
    }

    public void Dispose() => _folder.Dispose();

    private static SKBitmap Square(string path, PhotoRules rules, ImageScaling scaling, out WholePhoto whole)
    {
        using var photo = Photo.TryDecode(path, rules, out whole, out var status, out var error);
        Assert.Equal((ImageStatus.Ok, ""), (status, error));
        return scaling.Square(photo!, 64, whole);
    }

    private static double MeanDifference(SKBitmap a, SKBitmap b) =>
        a.GetPixelSpan().ToArray().Zip(b.GetPixelSpan().ToArray(), (x, y) => Math.Abs(x - y)).Sum() / (3.0 * a.Width * a.Height);
}
