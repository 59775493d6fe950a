namespace MLNet.Devise.Training.Learning;

/// <summary>Mixing of training images with others of their batch; the loss is mixed in the same proportion.</summary>
public sealed record MixOptions
{
    /// <summary>Parameter α of mixup (Zhang et al. 2018, arXiv:1710.09412): shares are drawn from Beta(α, α). 0 is off.</summary>
    public double Mixup { get; init; }

    /// <summary>Parameter α of CutMix (Yun et al. 2019, arXiv:1905.04899): a rectangle of area 1 − share comes from the other image. 0 is off.</summary>
    public double Cutmix { get; init; }

    /// <summary>Chance that a batch is mixed at all, 0..1; where both kinds are on, each gets half of it.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Whether stage 2 mixes too; stage 1 always does.</summary>
    public bool Stage2 { get; init; }

    /// <summary>Whether anything is mixed in a stage.</summary>
    internal bool In(int stage) => (Mixup > 0 || Cutmix > 0) && Probability > 0 && (stage == 1 || Stage2);

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!(Mixup is >= 0 and <= 100)) throw new DeviseInputException($"mix.mixup: {Mixup}, expected 0..100");
        if (!(Cutmix is >= 0 and <= 100)) throw new DeviseInputException($"mix.cutmix: {Cutmix}, expected 0..100");
        if (!(Probability is >= 0 and <= 1)) throw new DeviseInputException($"mix.probability: {Probability}, expected 0..1");
    }
}
