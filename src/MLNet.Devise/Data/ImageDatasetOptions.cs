namespace MLNet.Devise.Data;

/// <summary>How a data folder is read.</summary>
public sealed record ImageDatasetOptions
{
    /// <summary>Share of each seen class that is held out for validation, between 0 and 1 (exclusive). The paper: 0.1.</summary>
    public double ValidFraction { get; init; } = 0.1;

    /// <summary>Seed of the split. The same seed and file names give the same split on every machine.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Cross-validation over seen classes, to choose a recipe without looking at the unseen ones: 0 to <see cref="Folds"/> − 1. Every seen
    /// class whose position in the class list (among the seen) leaves this remainder when divided by <see cref="Folds"/> becomes unseen, and
    /// its images are for test. The data's own unseen classes are left out, and so are images that <c>split.csv</c> sets aside for test. Null
    /// takes the data as it is.
    /// </summary>
    public int? Fold { get; init; }

    /// <summary>How many folds there are, 2..100; counts only with <see cref="Fold"/>.</summary>
    public int Folds { get; init; } = 4;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="DeviseInputException">A value is out of its range.</exception>
    public void Validate()
    {
        if (ValidFraction is not (> 0 and < 1)) throw new DeviseInputException($"validFraction: {ValidFraction}, expected between 0 and 1");
        if (Folds is < 2 or > 100) throw new DeviseInputException($"folds: {Folds}, expected 2..100");
        if (Fold is { } fold && (fold < 0 || fold >= Folds)) throw new DeviseInputException($"fold: {fold} of {Folds}, expected 0..{Folds - 1}");
    }
}
