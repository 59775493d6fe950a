using MLNet.Devise.Scoring;

namespace MLNet.Devise.Training.Export;

/// <summary>What is made of a run.</summary>
public sealed record ExportOptions
{
    /// <summary>What makes the embeddings: <see cref="BundleHead.Devise"/> takes stage 2, <see cref="BundleHead.Conse"/> stage 1 alone.</summary>
    public BundleHead Head { get; init; } = BundleHead.Devise;

    /// <summary>Likeliest labels that <see cref="BundleHead.Conse"/> averages, at least 1; more than there are means all. Norouzi et al.: 10.</summary>
    public int ConseTop { get; init; } = 10;

    /// <summary>How the network's numbers are stored and computed with.</summary>
    public BundlePrecision Precision { get; init; } = BundlePrecision.Fp32;

    /// <summary>Training images that <see cref="BundlePrecision.Int8"/> takes its ranges from, spread over the classes and chosen by the run's seed; 1..10000.</summary>
    public int CalibrationImages { get; init; } = 256;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Head)) throw new DeviseInputException($"head: {Head}, expected devise or conse");
        if (ConseTop < 1) throw new DeviseInputException($"conse-top: {ConseTop}, expected at least 1");
        if (!Enum.IsDefined(Precision)) throw new DeviseInputException($"precision: {Precision}, expected fp32, fp16 or int8");
        if (CalibrationImages is < 1 or > 10_000) throw new DeviseInputException($"calibrationImages: {CalibrationImages}, expected 1..10000");
    }
}
