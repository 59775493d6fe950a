using MLNet.Devise.Scoring;

namespace MLNet.Devise.Training.Export;

/// <summary>What is made of a run.</summary>
public sealed record ExportOptions
{
    /// <summary>What makes the embeddings: <see cref="BundleHead.Devise"/> takes stage 2, <see cref="BundleHead.Conse"/> stage 1 alone.</summary>
    public BundleHead Head { get; init; } = BundleHead.Devise;

    /// <summary>Likeliest labels that <see cref="BundleHead.Conse"/> averages, at least 1; more than there are means all. Norouzi et al.: 10.</summary>
    public int ConseTop { get; init; } = 10;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Head)) throw new DeviseInputException($"head: {Head}, expected devise or conse");
        if (ConseTop < 1) throw new DeviseInputException($"conse-top: {ConseTop}, expected at least 1");
    }
}
