using SkiaSharp;

namespace MLNet.Devise.Training.Learning;

/// <summary>One random variation of a picture: a placement of the source square and a curve for its light.</summary>
/// <param name="Placement">Source pixels → network pixels.</param>
/// <param name="Curve">New value of each of 256 light levels, or null to keep them.</param>
internal sealed record Augmentation(SKMatrix Placement, byte[]? Curve)
{
    /// <summary>Draws the variation; the same generator state gives the same one.</summary>
    /// <param name="options">Ranges and chances.</param>
    /// <param name="random">Numbers; always the same count is drawn, whatever the chances decide.</param>
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
        var scale = (float)(target / window);
        var brightness = Sometimes(Logit(Uniform(0.5 * (1 - options.Lighting), 0.5 * (1 + options.Lighting))), 0);
        var contrast = Sometimes(Math.Exp(Uniform(Math.Log(1 - options.Lighting), -Math.Log(1 - options.Lighting))), 1);

        var placement = SKMatrix.CreateTranslation((float)(-source / 2.0 - x), (float)(-source / 2.0 - y))
            .PostConcat(SKMatrix.CreateScale(scale * mirror, scale))
            .PostConcat(SKMatrix.CreateRotationDegrees(angle))
            .PostConcat(SKMatrix.CreateTranslation(target / 2f, target / 2f));
        return new(placement, brightness == 0 && contrast == 1 ? null : LightCurve(brightness, contrast));
    }

    /// <summary>Paints <paramref name="source"/> through this variation over all of <paramref name="target"/>; beyond its edges the source is mirrored.</summary>
    public void Paint(SKBitmap source, SKBitmap target)
    {
        using var canvas = new SKCanvas(target);
        using var shader = SKShader.CreateBitmap(source, SKShaderTileMode.Mirror, SKShaderTileMode.Mirror, Placement);
        using var filter = Curve is null ? null : SKColorFilter.CreateTable(null, Curve, Curve, Curve);
        using var paint = new SKPaint { Shader = shader, ColorFilter = filter, FilterQuality = SKFilterQuality.Low, BlendMode = SKBlendMode.Src };
        canvas.DrawPaint(paint);
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
