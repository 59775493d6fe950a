namespace MLNet.Devise.Training.Learning;

/// <summary>How training images are varied; the defaults are fastai v1's <c>get_transforms()</c>, the paper's.</summary>
public sealed record AugmentOptions
{
    /// <summary>Chance of a mirror image, 0..1.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>Largest rotation either way, degrees, 0..180.</summary>
    public double Rotate { get; init; } = 10;

    /// <summary>Largest enlargement, at least 1.</summary>
    public double Zoom { get; init; } = 1.1;

    /// <summary>Largest shift of each corner in perspective, as a share of half the side, 0..0.5.</summary>
    public double Warp { get; init; } = 0.2;

    /// <summary>Largest change of light, 0..1: brightness .5 ± half of it, contrast up to 1/(1 − it), in logit space.</summary>
    public double Lighting { get; init; } = 0.2;

    /// <summary>Smallest side of the random square cut out, as a share of the whole square; 1 cuts nothing. 224 of 256 is 0.875.</summary>
    public double Crop { get; init; } = 0.875;

    /// <summary>Chance of each of rotation, zoom, warp, brightness and contrast, 0..1.</summary>
    public double Probability { get; init; } = 0.75;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        Check(nameof(Flip), Flip, 0, 1);
        Check(nameof(Rotate), Rotate, 0, 180);
        Check(nameof(Zoom), Zoom, 1, 10);
        Check(nameof(Warp), Warp, 0, 0.5);
        Check(nameof(Lighting), Lighting, 0, 0.95);
        Check(nameof(Crop), Crop, 0.05, 1);
        Check(nameof(Probability), Probability, 0, 1);
    }

    private static void Check(string name, double value, double low, double high)
    {
        if (!(value >= low && value <= high)) throw new DeviseInputException($"augment.{char.ToLowerInvariant(name[0])}{name[1..]}: {value}, expected {low}..{high}");
    }
}
