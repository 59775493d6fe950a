using MLNet.Devise.Labels;

namespace MLNet.Devise.Evaluation;

/// <summary>All that <see cref="Evaluator"/> needs to know.</summary>
public sealed record EvaluationInput
{
    /// <summary>
    /// Embedded images, in any order. Of the seen classes those of the test split count, or the validation ones where there are none;
    /// of the unseen classes all. Others are ignored.
    /// </summary>
    public required IReadOnlyList<LabelledEmbedding> Images { get; init; }

    /// <summary>Label vectors: every seen and unseen class; labels beyond these compete only in <see cref="ZeroShotRates.FurtherLabels"/>.</summary>
    public required LabelSpace Labels { get; init; }

    /// <summary>Classes trained on.</summary>
    public required IReadOnlyList<string> Seen { get; init; }

    /// <summary>Classes held out for zero-shot; may be empty.</summary>
    public IReadOnlyList<string> Unseen { get; init; } = [];

    /// <summary>What was evaluated, for the record.</summary>
    public ModelFacts Model { get; init; } = new(0, 0, "unknown");

    /// <summary>Accuracy of the classifier of stage 1 on the validation images, 0..1; null where there was none.</summary>
    public double? Stage1Accuracy { get; init; }

    /// <summary>
    /// Calibrated stacking (Chao et al. 2016): subtracted from the cosines of seen labels when all labels compete; null to leave out.
    /// Choose it on seen classes only, or the zero-shot figures are worthless.
    /// </summary>
    public double? Gamma { get; init; }

    /// <summary>Words that compete with the labels in <see cref="ZeroShotRates.Vocabulary"/>; null to leave out.</summary>
    public Vocabulary? Vocabulary { get; init; }

    /// <summary>For hierarchical precision; must hold every seen and unseen class. Null to leave out.</summary>
    public Hypernyms? Hypernyms { get; init; }

    /// <summary>How intervals are found.</summary>
    public BootstrapOptions Intervals { get; init; } = new();

    /// <summary>Images trained on, for the record; null to count those of the train split in <see cref="Images"/>.</summary>
    public int? TrainImages { get; init; }

    /// <summary>Files that could not be read, for the record.</summary>
    public int SkippedImages { get; init; }

    /// <summary>Seconds, or images a second, by name (<c>scoreSeconds</c>), for the record.</summary>
    public IReadOnlyDictionary<string, double> Timing { get; init; } = new Dictionary<string, double>();
}
