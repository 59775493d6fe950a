using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Cli;

/// <summary>What is measured beyond the usual.</summary>
internal sealed record MeasurementOptions
{
    /// <summary>γ of calibrated stacking; null takes the bundle's.</summary>
    public double? Gamma { get; init; }

    /// <inheritdoc cref="EvaluationInput.Vocabulary"/>
    public Vocabulary? Vocabulary { get; init; }

    /// <inheritdoc cref="EvaluationInput.Hypernyms"/>
    public Hypernyms? Hypernyms { get; init; }

    /// <inheritdoc cref="EvaluationInput.Intervals"/>
    public BootstrapOptions Intervals { get; init; } = new();
}
