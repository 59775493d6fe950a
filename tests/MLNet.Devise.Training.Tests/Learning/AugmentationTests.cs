using MLNet.Devise.Training.Learning;
using SkiaSharp;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class AugmentationTests
{
    private static readonly AugmentOptions Still = new() { Flip = 0, Rotate = 0, Zoom = 1, Lighting = 0, Crop = 1, Warp = 0 };

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
        var options = new AugmentOptions { Rotate = 20, Zoom = 1.5, Crop = 0.8, Warp = 0, Probability = 1 };
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
    public void A_warp_moves_each_corner_by_its_own_shift_and_straight_lines_stay_straight()
    {
        var warps = Enumerable.Range(0, 300).Select(i => Augmentation.Draw(Still with { Warp = 0.2, Probability = 1 }, new Random(i), 100, 100).Placement).ToArray();
        SKPoint[] corners = [new(0, 0), new(100, 0), new(100, 100), new(0, 100)];
        var shifts = warps.SelectMany(warp => corners.Select(corner => warp.MapPoint(corner) - corner)).ToArray();
        Assert.InRange(shifts.Max(shift => Math.Abs(shift.X)), 9.5, 10.01);
        Assert.InRange(shifts.Max(shift => Math.Abs(shift.Y)), 9.5, 10.01);
        Assert.All(warps, warp =>
        {
            var (a, b, c) = (warp.MapPoint(10, 20), warp.MapPoint(40, 50), warp.MapPoint(80, 90));
            Assert.Equal(0, (b.X - a.X) * (c.Y - a.Y) - (b.Y - a.Y) * (c.X - a.X), 1e-1f);
        });
        Assert.True(warps.Distinct().Count() > 290);
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

    [Fact]
    public void A_resized_crop_has_the_area_and_the_shape_asked_for_and_stays_inside()
    {
        var options = Still with { ResizedCrop = new() { SmallestArea = 0.2, LargestArea = 0.6, Aspect = 1.5 } };
        var windows = Enumerable.Range(0, 2000).Select(i => Augmentation.Draw(options, new Random(i), 100, 80).Placement).Select(placement =>
        {
            Assert.True(placement.TryInvert(out var back));
            return back.MapRect(new(0, 0, 80, 80));
        }).ToArray();
        Assert.All(windows, window => Assert.True(window.Left > -0.01 && window.Top > -0.01 && window.Right < 100.01 && window.Bottom < 100.01));
        var areas = windows.Select(window => window.Width * window.Height / 1e4).ToArray();
        Assert.InRange(areas.Min(), 0.1999, 0.21);
        Assert.InRange(areas.Max(), 0.59, 0.6001);
        Assert.Equal(0.4, areas.Average(), 0.01);
        var shapes = windows.Select(window => Math.Log(window.Width / window.Height)).ToArray();
        Assert.Equal(Math.Log(1.5), shapes.Max(), 0.01);
        Assert.Equal(0, shapes.Average(), 0.02);
        Assert.InRange(windows.Max(window => window.Left), 50, 64);
        var seldom = Enumerable.Range(0, 1000).Count(i => Augmentation.Draw(options with { ResizedCrop = new() { Probability = 0.3, LargestArea = 0.5 } }, new Random(i), 80, 80).Placement.IsIdentity);
        Assert.InRange(seldom, 650, 750);
    }

    [Fact]
    public void Erasing_has_its_chance_area_and_place()
    {
        var options = Still with { Erase = new() { Probability = 0.4, SmallestArea = 0.1, LargestArea = 0.3 } };
        var erased = Enumerable.Range(0, 3000).Select(i => Augmentation.Draw(options, new Random(i), 224, 224).Erased).OfType<Erasure>().ToArray();
        Assert.InRange(erased.Length, 1100, 1300);
        Assert.All(erased, at => Assert.True(at.X >= 0 && at.Y >= 0 && at.X + at.Width <= 224 && at.Y + at.Height <= 224));
        Assert.All(erased, at => Assert.InRange(at.Width * at.Height / 224.0 / 224, 0.095, 0.305));
        Assert.InRange(erased.Average(at => at.X + at.Width / 2.0), 107, 117);
        Assert.True(erased.Select(at => at.Noise).Distinct().Count() > 1000);
        Assert.Null(Augmentation.Draw(options with { Erase = new() { Probability = 1, Fill = EraseFill.Mean } }, new Random(1), 224, 224).Erased!.Value.Noise);
    }

    [Fact]
    public void Saturation_and_grey_have_their_ranges_and_chances()
    {
        var drawn = Enumerable.Range(0, 3000).Select(i => Augmentation.Draw(Still with { Saturation = 0.4, Grey = 0.2, Probability = 0.5 }, new Random(i), 8, 8).Saturation).ToArray();
        Assert.InRange(drawn.Count(factor => factor == 0), 520, 680);
        Assert.InRange(drawn.Count(factor => factor == 1), 1080, 1320);
        Assert.InRange(drawn.Where(factor => factor > 0).Min(), 0.6, 0.61);
        Assert.InRange(drawn.Max(), 1.39, 1.4);
    }

    /// <summary>The defaults stay the paper's; and what is switched on changes nothing of the rest.</summary>
    [Fact]
    public void What_is_switched_on_leaves_the_numbers_of_the_others_alone()
    {
        foreach (var options in (AugmentOptions[])[new(), new() { Saturation = 0.5, Grey = 0.5 }, new() { Erase = new() { Probability = 1 } }, new() { ResizedCrop = new() }])
        {
            var (random, plain) = (new Random(9), new Random(9));
            var (variation, before) = (Augmentation.Draw(options, random, 64, 56), Augmentation.Draw(new(), plain, 64, 56));
            Assert.Equal(before.Curve, variation.Curve);
            if (options.ResizedCrop is null) Assert.Equal(before.Placement, variation.Placement);
            Assert.Equal(plain.Next(), random.Next());
        }
        Assert.Equal((1.0, (Erasure?)null), Enumerable.Range(0, 200).Select(i => Augmentation.Draw(new(), new Random(i), 64, 56)).Select(drawn => (drawn.Saturation, drawn.Erased)).Distinct().Single());
    }

    [Fact]
    public void Painting_is_placing_then_light_then_colour_then_erasing()
    {
        using var source = Picture(40);
        using var placed = new SKBitmap(source.Info.WithSize(32, 32));
        using var target = new SKBitmap(placed.Info);
        var options = new AugmentOptions { Probability = 1, Saturation = 0.5, Erase = new() { Probability = 1 } };
        var variation = Augmentation.Draw(options, new Random(4), 40, 32);
        Assert.True(variation is { Curve: not null, Erased: not null } && variation.Saturation != 1);
        new Augmentation(variation.Placement, null).Paint(source, placed);
        var expected = placed.Bytes;
        PixelColour.Curve(expected, variation.Curve!);
        PixelColour.Saturate(expected, variation.Saturation);
        PixelColour.Erase(expected, 32, variation.Erased!.Value);
        variation.Paint(source, target);
        Assert.Equal(expected, target.Bytes);
    }

    [Theory]
    [InlineData(0.0, 1.0, 1.5, "augment.resizedCrop.smallestArea: 0, expected 0.01..1")]
    [InlineData(0.5, 0.4, 1.5, "augment.resizedCrop.largestArea: 0.4, expected 0.5..1")]
    [InlineData(0.5, 0.9, 0.5, "augment.resizedCrop.aspect: 0.5, expected 1..10")]
    [InlineData(0.5, double.NaN, 1.5, "augment.resizedCrop.largestArea: NaN, expected 0.5..1")]
    public void A_value_out_of_range_is_named(double smallest, double largest, double aspect, string expected)
    {
        var options = new AugmentOptions { ResizedCrop = new() { SmallestArea = smallest, LargestArea = largest, Aspect = aspect } };
        Assert.Equal(expected, Assert.Throws<DeviseInputException>(options.Validate).Message);
        var erase = new AugmentOptions { Erase = new() { SmallestArea = smallest, LargestArea = largest, Aspect = aspect } };
        Assert.StartsWith("augment.erase.", Assert.Throws<DeviseInputException>(erase.Validate).Message, StringComparison.Ordinal);
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
