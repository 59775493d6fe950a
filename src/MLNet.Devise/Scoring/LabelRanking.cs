using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring;

/// <summary>How labels compete. The defaults rank by plain cosine; each part changes the score of a label as its summary says.</summary>
public sealed record LabelRanking
{
    /// <summary>
    /// Scores become probabilities: softmax(score / temperature) over all labels. Above 0; find it with <see cref="LabelCalibration.FitTemperature"/>.
    /// <see langword="null"/>: no probabilities.
    /// </summary>
    public double? Temperature { get; init; }

    /// <summary>A label whose score is below it is named <see cref="UnknownLabel"/> instead. <see langword="null"/>: never.</summary>
    public float? UnknownBelow { get; init; }

    /// <summary>What a label below the threshold is called.</summary>
    public string UnknownLabel { get; init; } = "unknown";

    /// <summary>The labels that the model was trained on; those that are not among the labels are passed over.</summary>
    public IReadOnlyList<string> SeenLabels { get; init; } = [];

    /// <summary>
    /// γ: taken from the score of every seen label, so that unseen ones get a chance (calibrated stacking, Chao et al. 2016); -1 to 2,
    /// for cosines mostly 0.05 to 0.3. Below 0 it is added to them.
    /// </summary>
    public float SeenPenalty { get; init; }

    /// <summary>
    /// Takes popular labels back, those near to everything: score = 2 cos − r(image) − r(label) (CSLS, Conneau et al. 2018).
    /// <see langword="null"/>: score = cos.
    /// </summary>
    public LabelHubness? Hubness { get; init; }

    internal LabelRanking Validated(LabelSpace labels)
    {
        if (!(Temperature is null or (> 0 and < double.PositiveInfinity))) throw new DeviseInputException($"temperature: {Temperature}, expected a number above 0");
        if (UnknownBelow is { } threshold && !float.IsFinite(threshold)) throw new DeviseInputException($"unknownBelow: {threshold}, expected a number");
        if (string.IsNullOrWhiteSpace(UnknownLabel)) throw new DeviseInputException("unknownLabel: empty, expected a text");
        if (UnknownBelow is not null && labels.IndexOf(UnknownLabel) >= 0) throw new DeviseInputException($"unknownLabel: '{UnknownLabel}' is one of the {labels.Names.Count} labels, expected another text, so that the two can be told apart");
        if (!(SeenPenalty is >= -1 and <= 2)) throw new DeviseInputException($"seenPenalty: {SeenPenalty}, expected -1 to 2");
        if (SeenPenalty != 0 && !SeenLabels.Any(name => labels.IndexOf(name) >= 0))
            throw new DeviseInputException($"seenPenalty: {SeenPenalty}, but none of the {SeenLabels.Count} seen labels is among the {labels.Names.Count} labels to choose from");
        if (Hubness is { } hubness && hubness.Means.Count != labels.Names.Count)
            throw new DeviseInputException($"hubness: measured for {hubness.Means.Count} labels, expected {labels.Names.Count}; measure it again for these labels");
        return this;
    }
}
