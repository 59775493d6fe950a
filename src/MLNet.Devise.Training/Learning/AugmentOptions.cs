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

    /// <summary>
    /// Smallest side of the random square cut out, as a share of the whole square; 1 cuts nothing. 224 of 256 is 0.875. It also decides
    /// in what size pictures are decoded, image size / crop, and so how sharp a small <see cref="ResizedCrop"/> can be.
    /// </summary>
    public double Crop { get; init; } = 0.875;

    /// <summary>Largest change of saturation, 0..1: colours are stretched away from their grey by 1 ± it. 0 leaves them.</summary>
    public double Saturation { get; init; }

    /// <summary>Chance of a picture without colours, 0..1.</summary>
    public double Grey { get; init; }

    /// <summary>Chance of each of rotation, zoom, warp, brightness, contrast and saturation, 0..1.</summary>
    public double Probability { get; init; } = 0.75;

    /// <summary>A window of random area and shape, in place of <see cref="Zoom"/> and the random square of <see cref="Crop"/>; null leaves those.</summary>
    public ResizedCropOptions? ResizedCrop { get; init; }

    /// <summary>A rectangle of the picture is painted over; null never.</summary>
    public EraseOptions? Erase { get; init; }

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        Check(nameof(Flip), Flip, 0, 1);
        Check(nameof(Rotate), Rotate, 0, 180);
        Check(nameof(Zoom), Zoom, 1, 10);
        Check(nameof(Warp), Warp, 0, 0.5);
        Check(nameof(Lighting), Lighting, 0, 0.95);
        Check(nameof(Crop), Crop, 0.05, 1);
        Check(nameof(Saturation), Saturation, 0, 1);
        Check(nameof(Grey), Grey, 0, 1);
        Check(nameof(Probability), Probability, 0, 1);
        ResizedCrop?.Validate();
        Erase?.Validate();
    }

    internal static void Check(string name, double value, double low, double high)
    {
        var key = string.Join('.', name.Split('.').Select(part => char.ToLowerInvariant(part[0]) + part[1..]));
        if (!(value >= low && value <= high)) throw new DeviseInputException($"augment.{key}: {value}, expected {low}..{high}");
    }
}

/// <summary>
/// A window of random area and shape, stretched to the network's square (Szegedy et al. 2015, arXiv:1409.4842, §6; the defaults are
/// torchvision's <c>RandomResizedCrop</c>).
/// </summary>
public sealed record ResizedCropOptions
{
    /// <summary>Chance that there is such a window, 0..1; otherwise the whole square is seen.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Smallest area of the window, as a share of the square, 0.01..1.</summary>
    public double SmallestArea { get; init; } = 0.08;

    /// <summary>Largest area of the window, from the smallest to 1.</summary>
    public double LargestArea { get; init; } = 1;

    /// <summary>Largest ratio of the window's longer side to its shorter one, 1..10; either may lie.</summary>
    public double Aspect { get; init; } = 4.0 / 3;

    internal void Validate()
    {
        AugmentOptions.Check($"{nameof(AugmentOptions.ResizedCrop)}.{nameof(Probability)}", Probability, 0, 1);
        AugmentOptions.Check($"{nameof(AugmentOptions.ResizedCrop)}.{nameof(SmallestArea)}", SmallestArea, 0.01, 1);
        AugmentOptions.Check($"{nameof(AugmentOptions.ResizedCrop)}.{nameof(LargestArea)}", LargestArea, SmallestArea, 1);
        AugmentOptions.Check($"{nameof(AugmentOptions.ResizedCrop)}.{nameof(Aspect)}", Aspect, 1, 10);
    }
}

/// <summary>Random erasing (Zhong et al. 2020, arXiv:1708.04896): a rectangle of what the network sees is painted over; the defaults are the paper's.</summary>
public sealed record EraseOptions
{
    /// <summary>Chance of a rectangle, 0..1.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>Smallest area of the rectangle, as a share of the picture, 0.001..1.</summary>
    public double SmallestArea { get; init; } = 0.02;

    /// <summary>Largest area of the rectangle, from the smallest to 1.</summary>
    public double LargestArea { get; init; } = 0.4;

    /// <summary>Largest ratio of the rectangle's longer side to its shorter one, 1..10; either may lie.</summary>
    public double Aspect { get; init; } = 1 / 0.3;

    /// <summary>What is painted.</summary>
    public EraseFill Fill { get; init; } = EraseFill.Noise;

    internal void Validate()
    {
        AugmentOptions.Check($"{nameof(AugmentOptions.Erase)}.{nameof(Probability)}", Probability, 0, 1);
        AugmentOptions.Check($"{nameof(AugmentOptions.Erase)}.{nameof(SmallestArea)}", SmallestArea, 0.001, 1);
        AugmentOptions.Check($"{nameof(AugmentOptions.Erase)}.{nameof(LargestArea)}", LargestArea, SmallestArea, 1);
        AugmentOptions.Check($"{nameof(AugmentOptions.Erase)}.{nameof(Aspect)}", Aspect, 1, 10);
        if (!Enum.IsDefined(Fill)) throw new DeviseInputException($"augment.erase.fill: {Fill}, expected noise or mean");
    }
}

/// <summary>What an erased rectangle is painted with.</summary>
public enum EraseFill
{
    /// <summary>Random pixels, the paper's best.</summary>
    Noise,
    /// <summary>The mean colour of ImageNet.</summary>
    Mean,
}
