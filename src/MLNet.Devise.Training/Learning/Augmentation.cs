using SkiaSharp;

namespace MLNet.Devise.Training.Learning;

/// <summary>One random variation of a picture: a placement of the source square, then changes of light and colour, then a rectangle painted over.</summary>
/// <param name="Placement">Source pixels → network pixels.</param>
/// <param name="Curve">New value of each of 256 light levels, or null to keep them.</param>
/// <param name="Saturation">Factor that stretches colours away from their grey; 1 keeps them, 0 leaves only grey.</param>
/// <param name="Erased">What is painted over, or null.</param>
internal sealed record Augmentation(SKMatrix Placement, byte[]? Curve, double Saturation = 1, Erasure? Erased = null)
{
    // What is switched off draws its numbers all the same.
    private static readonly ResizedCropOptions NoCrop = new() { Probability = 0 };
    private static readonly EraseOptions NoErase = new() { Probability = 0 };

    /// <summary>Draws the variation; the same generator state gives the same one.</summary>
    /// <param name="options">Ranges and chances.</param>
    /// <param name="random">Numbers; always the same count is drawn, whatever the chances decide and whatever is switched on: what is new draws last.</param>
    /// <param name="source">Side of the source square, pixels.</param>
    /// <param name="target">Side of the network's square, pixels.</param>
    public static Augmentation Draw(AugmentOptions options, Random random, int source, int target)
    {
        double Uniform(double low, double high) => low + (high - low) * random.NextDouble();
        double Sometimes(double value, double otherwise) => random.NextDouble() < options.Probability ? value : otherwise;

        var mirror = random.NextDouble() < options.Flip ? -1f : 1f;
        var angle = (float)Sometimes(Uniform(-options.Rotate, options.Rotate), 0);
        var zoom = Sometimes(Uniform(1, options.Zoom), 1);
        // The window is the part of the source that will be seen; what is left over lets it wander.
        var window = source * Uniform(options.Crop, 1) / zoom;
        var (x, y) = (Uniform(-1, 1) * (source - window) / 2, Uniform(-1, 1) * (source - window) / 2);
        var brightness = Sometimes(Logit(Uniform(0.5 * (1 - options.Lighting), 0.5 * (1 + options.Lighting))), 0);
        var contrast = Sometimes(Math.Exp(Uniform(Math.Log(1 - options.Lighting), -Math.Log(1 - options.Lighting))), 1);
        var (warped, shifts) = (random.NextDouble() < options.Probability, Enumerable.Range(0, 8).Select(_ => (float)Uniform(-options.Warp, options.Warp) * target / 2).ToArray());
        var (width, height) = (window, window);
        var box = Window(options.ResizedCrop ?? NoCrop, random);
        if (options.ResizedCrop is not null)
        {
            (width, height) = (box.Width * source, box.Height * source);
            (x, y) = ((box.X + box.Width / 2 - 0.5) * source, (box.Y + box.Height / 2 - 0.5) * source);
        }
        var saturation = Sometimes(Uniform(1 - options.Saturation, 1 + options.Saturation), 1);
        if (random.NextDouble() < options.Grey) saturation = 0;
        var erased = Erasure(options.Erase ?? NoErase, random, target);

        var placement = SKMatrix.CreateTranslation((float)(-source / 2.0 - x), (float)(-source / 2.0 - y))
            .PostConcat(SKMatrix.CreateScale((float)(target / width) * mirror, (float)(target / height)))
            .PostConcat(SKMatrix.CreateRotationDegrees(angle))
            .PostConcat(SKMatrix.CreateTranslation(target / 2f, target / 2f));
        if (warped && options.Warp > 0) placement = placement.PostConcat(Perspective(target, shifts));
        return new(placement, brightness == 0 && contrast == 1 ? null : LightCurve(brightness, contrast), saturation, erased);
    }

    /// <summary>Paints <paramref name="source"/> through this variation over all of <paramref name="target"/>; beyond its edges the source is mirrored.</summary>
    public void Paint(SKBitmap source, SKBitmap target)
    {
        using (var canvas = new SKCanvas(target))
        using (var pixels = source.PeekPixels())
        // A shader of the bitmap itself would copy it first.
        using (var image = SKImage.FromPixels(pixels))
        using (var shader = image.ToShader(SKShaderTileMode.Mirror, SKShaderTileMode.Mirror, Placement))
        using (var paint = new SKPaint { Shader = shader, FilterQuality = SKFilterQuality.Low, BlendMode = SKBlendMode.Src })
            canvas.DrawPaint(paint);
        // Not by Skia's filters: they make it paint in floats, at twice the cost.
        var painted = Pixels(target);
        if (Curve is not null) PixelColour.Curve(painted, Curve);
        if (Saturation != 1) PixelColour.Saturate(painted, Saturation);
        if (Erased is { } erased) PixelColour.Erase(painted, target.Width, erased);
    }

    private static RandomBox Window(ResizedCropOptions options, Random random)
    {
        var box = RandomBox.Draw(random, options.SmallestArea, options.LargestArea, options.Aspect);
        return random.NextDouble() < options.Probability && box is { } window ? window : new(0, 0, 1, 1);
    }

    private static Erasure? Erasure(EraseOptions options, Random random, int target)
    {
        var box = RandomBox.Draw(random, options.SmallestArea, options.LargestArea, options.Aspect);
        var (chance, noise) = (random.NextDouble(), random.Next());
        if (chance >= options.Probability || box is not { } at) return null;
        int Pixels(double share) => (int)Math.Round(share * target);
        return new(Pixels(at.X), Pixels(at.Y), Pixels(at.X + at.Width) - Pixels(at.X), Pixels(at.Y + at.Height) - Pixels(at.Y), options.Fill == EraseFill.Noise ? noise : null);
    }

    private static unsafe Span<byte> Pixels(SKBitmap bitmap) => bitmap.ColorType == SKColorType.Bgra8888
        ? new((void*)bitmap.GetPixels(), bitmap.ByteCount)
        : throw new NotSupportedException($"pixels as {bitmap.ColorType}, expected Bgra8888");

    /// <summary>Maps a square onto the quadrangle of its shifted corners (Heckbert 1989, <i>Fundamentals of Texture Mapping</i>, §2.2.3).</summary>
    private static SKMatrix Perspective(float side, float[] shifts)
    {
        // Corners in the order (0,0) (1,0) (1,1) (0,1).
        float[] x = [shifts[0], side + shifts[1], side + shifts[2], shifts[3]], y = [shifts[4], shifts[5], side + shifts[6], side + shifts[7]];
        var (dx1, dx2, sx) = (x[1] - x[2], x[3] - x[2], x[0] - x[1] + x[2] - x[3]);
        var (dy1, dy2, sy) = (y[1] - y[2], y[3] - y[2], y[0] - y[1] + y[2] - y[3]);
        var det = dx1 * dy2 - dx2 * dy1;
        var (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
        var fromUnit = new SKMatrix(x[1] - x[0] + g * x[1], x[3] - x[0] + h * x[3], x[0], y[1] - y[0] + g * y[1], y[3] - y[0] + h * y[3], y[0], g, h, 1);
        return SKMatrix.CreateScale(1 / side, 1 / side).PostConcat(fromUnit);
    }

    /// <summary>Light is shifted and stretched in logit space, so that it never leaves 0..1 (fastai).</summary>
    private static byte[] LightCurve(double brightness, double contrast)
    {
        var curve = new byte[256];
        for (var level = 0; level < curve.Length; level++)
        {
            var value = Logit(Math.Clamp(level / 255.0, 1e-5, 1 - 1e-5));
            curve[level] = (byte)Math.Round(255 / (1 + Math.Exp(-(value + brightness) * contrast)));
        }
        return curve;
    }

    private static double Logit(double probability) => Math.Log(probability / (1 - probability));
}
