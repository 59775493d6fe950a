using SkiaSharp;

namespace MLNet.Devise.Data.Sample;

/// <summary>
/// One picture: a quiet background with clutter, the object, now and then something in front of it, then light and noise.
/// Nothing but the object depends on the class.
/// </summary>
internal static class SamplePicture
{
    // Half the time of Skia's default for a tenth more bytes: noise hardly compresses.
    private static readonly SKPngEncoderOptions Png = new(SKPngEncoderFilterFlags.Sub, 1);

    /// <summary>Draws the picture as PNG and returns the object's bounding box in pixels.</summary>
    public static SKRectI Draw(SampleClass label, int size, Random random, Stream png)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        SampleBackdrop.Draw(canvas, size, random);
        using var path = Place(label.Shape, size, random);
        var box = path.TightBounds;
        Fill(canvas, path, box, label.Colour.Draw(random), random, size);
        if (random.Chance(0.2)) Occlude(canvas, box, random);
        canvas.Flush();
        SampleLight.Apply(bitmap, random);
        using var pixels = bitmap.PeekPixels();
        using var data = pixels.Encode(Png);
        data.SaveTo(png);
        return SKRectI.Intersect(SKRectI.Ceiling(box, outwards: true), new SKRectI(0, 0, size, size));
    }

    /// <summary>The outline squeezed a little, turned by up to 40° either way, scaled to 40–80 % of the side, and put where it fits whole.</summary>
    private static SKPath Place(SampleShape shape, int size, Random random)
    {
        var path = shape.Outline();
        path.Transform(SKMatrix.CreateScale(random.Between(0.88f, 1.12f), 1));
        path.Transform(SKMatrix.CreateRotationDegrees(random.Between(-40, 40)));
        var box = path.TightBounds;
        var span = size * random.Between(0.40f, 0.80f);
        var scale = span / Math.Max(box.Width, box.Height);
        path.Transform(SKMatrix.CreateScale(scale, scale));
        box = path.TightBounds;
        path.Transform(SKMatrix.CreateTranslation(
            random.Between(1, size - 1 - box.Width) - box.Left,
            random.Between(1, size - 1 - box.Height) - box.Top));
        return path;
    }

    private static void Fill(SKCanvas canvas, SKPath path, SKRect box, SKColor colour, Random random, int size)
    {
        var (sin, cos) = MathF.SinCos(random.Between(0, MathF.Tau));
        var reach = new SKPoint(cos * box.Width / 2, sin * box.Height / 2);
        var middle = new SKPoint(box.MidX, box.MidY);
        using var shader = SKShader.CreateLinearGradient(middle - reach, middle + reach, [colour, SampleLight.Dim(colour, random.Between(0.88f, 1))], SKShaderTileMode.Clamp);
        using var blur = SKMaskFilter.CreateBlur(SKBlurStyle.Normal, size * random.Between(0.001f, 0.012f));
        using var paint = new SKPaint { IsAntialias = true, Shader = shader, MaskFilter = blur };
        canvas.DrawPath(path, paint);
    }

    /// <summary>A small grey disc over a point of the box's rim: it never hides more than a corner.</summary>
    private static void Occlude(SKCanvas canvas, SKRect box, Random random)
    {
        var radius = Math.Max(box.Width, box.Height) * random.Between(0.08f, 0.15f);
        var (sin, cos) = MathF.SinCos(random.Between(0, MathF.Tau));
        using var paint = new SKPaint { IsAntialias = true, Color = SampleBackdrop.Muted(random) };
        canvas.DrawCircle(box.MidX + cos * box.Width / 2, box.MidY + sin * box.Height / 2, radius, paint);
    }
}
