namespace MLNet.Devise.Data;

/// <summary>How a data folder is read.</summary>
public sealed record ImageDatasetOptions
{
    /// <summary>Share of each seen class that is held out for validation, between 0 and 1 (exclusive). The paper: 0.1.</summary>
    public double ValidFraction { get; init; } = 0.1;

    /// <summary>Seed of the split. The same seed and file names give the same split on every machine.</summary>
    public long Seed { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="DeviseInputException">A value is out of its range.</exception>
    public void Validate()
    {
        if (ValidFraction is not (> 0 and < 1)) throw new DeviseInputException($"validFraction: {ValidFraction}, expected between 0 and 1");
    }
}
