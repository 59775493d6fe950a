using MLNet.Devise.Training.Learning;
using SkiaSharp;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class AugmentationTests
{
    private static readonly AugmentOptions Still = new() { Flip = 0, Rotate = 0, Zoom = 1, Lighting = 0, Crop = 1 };

    [Fact]
    public void Without_any_variation_the_picture_stays_as_it_is()
    {
        using var source = Picture(32);
        using var target = new SKBitmap(source.Info);
        Augmentation.Draw(Still, new Random(1), 32, 32).Paint(source, target);
        Assert.Equal(source.Bytes, target.Bytes);
    }

    [Fact]
    public void A_flip_mirrors_left_and_right()
    {
        using var source = Picture(32);
        using var target = new SKBitmap(source.Info);
        Augmentation.Draw(Still with { Flip = 1 }, new Random(1), 32, 32).Paint(source, target);
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 32; x++) Assert.Equal(source.GetPixel(31 - x, y), target.GetPixel(x, y));
    }

    [Fact]
    public void The_same_numbers_give_the_same_variation_and_others_another()
    {
        Assert.Equivalent(Augmentation.Draw(new(), new Random(5), 64, 56), Augmentation.Draw(new(), new Random(5), 64, 56), strict: true);
        Assert.NotEqual(Augmentation.Draw(new(), new Random(5), 64, 56).Placement, Augmentation.Draw(new(), new Random(6), 64, 56).Placement);
    }

    [Fact]
    public void Ranges_are_kept_and_used()
    {
        var options = new AugmentOptions { Rotate = 20, Zoom = 1.5, Crop = 0.8, Probability = 1 };
        var drawn = Enumerable.Range(0, 2000).Select(i => Augmentation.Draw(options, new Random(i), 100, 80).Placement).ToArray();
        // The linear part is mirror · scale · rotation: its determinant gives the scale, its second column the angle.
        var scales = drawn.Select(m => Math.Sqrt(Math.Abs(m.ScaleX * m.ScaleY - m.SkewX * m.SkewY))).ToArray();
        Assert.InRange(scales.Min(), 0.8, 0.85);
        Assert.InRange(scales.Max(), 1.4, 1.5 * 80 / 80.0 + 1e-4);
        var angles = drawn.Select(m => Math.Atan2(-m.SkewX, m.ScaleY) * 180 / Math.PI).ToArray();
        Assert.InRange(angles.Max(Math.Abs), 19, 20.001);
        var mirrored = drawn.Count(m => m.ScaleX * m.ScaleY - m.SkewX * m.SkewY < 0);
        Assert.InRange(mirrored, 900, 1100);
        // The window never leaves the source: its corners map back inside, but for what rotation adds.
        var straight = Enumerable.Range(0, 500).Select(i => Augmentation.Draw(options with { Rotate = 0 }, new Random(i), 100, 80).Placement);
        Assert.All(straight, m =>
        {
            Assert.True(m.TryInvert(out var back));
            foreach (var corner in (SKPoint[])[new(0, 0), new(80, 80)])
            {
                var source = back.MapPoint(corner);
                Assert.InRange(source.X, -0.01f, 100.01f);
                Assert.InRange(source.Y, -0.01f, 100.01f);
            }
        });
    }

    [Fact]
    public void Light_rises_and_falls_without_leaving_its_order()
    {
        var curves = Enumerable.Range(0, 200).Select(i => Augmentation.Draw(new() { Probability = 1 }, new Random(i), 64, 64).Curve!).ToArray();
        Assert.All(curves, curve => Assert.Equal(curve.Order(), curve));
        Assert.Contains(curves, curve => curve[128] > 140);
        Assert.Contains(curves, curve => curve[128] < 116);
        Assert.All(curves, curve => Assert.InRange(curve[128], 255 * 0.35, 255 * 0.65));
    }

    private static SKBitmap Picture(int size)
    {
        var bitmap = new SKBitmap(new SKImageInfo(size, size, SKColorType.Bgra8888, SKAlphaType.Opaque));
        var random = new Random(3);
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++) bitmap.SetPixel(x, y, new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)));
        return bitmap;
    }
}
