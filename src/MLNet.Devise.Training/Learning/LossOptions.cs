namespace MLNet.Devise.Training.Learning;

/// <summary>What stage 2 minimises.</summary>
public enum EmbeddingLoss
{
    /// <summary>1 − cos(output, vector of the label): the paper's.</summary>
    Cosine,
    /// <summary>
    /// Hinge ranking: Σ over wrong labels of max(0, margin − cos(output, own) + cos(output, wrong))
    /// (Frome et al. 2013, eq. 1, with outputs scaled to length 1).
    /// </summary>
    Ranking,
    /// <summary>Cross entropy of softmax over the cosines with all seen labels, times a factor (as CLIP, Radford et al. 2021).</summary>
    Softmax,
}

/// <summary>The loss of stage 2.</summary>
public sealed record LossOptions
{
    /// <summary>The main term.</summary>
    public EmbeddingLoss Kind { get; init; } = EmbeddingLoss.Cosine;

    /// <summary>Weight of the main term where <see cref="CosineWeight"/> adds another.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Weight of 1 − cos(output, vector of the label) added to the main term; 0 adds nothing.</summary>
    public double CosineWeight { get; init; }

    /// <summary>Margin of <see cref="EmbeddingLoss.Ranking"/>, in cosine.</summary>
    public double Margin { get; init; } = 0.1;

    /// <summary>Factor on the cosines in <see cref="EmbeddingLoss.Softmax"/> (1/temperature), at the start where it is learnt.</summary>
    public double Scale { get; init; } = 10;

    /// <summary>Whether that factor is learnt with the head, up to 100.</summary>
    public bool LearnScale { get; init; } = true;

    /// <summary>Share of the true label that <see cref="EmbeddingLoss.Softmax"/> spreads over all seen labels (over no distractor), 0..1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// So many words of the vector file, its first that are neither labels nor parts of one, compete as wrong labels in
    /// <see cref="EmbeddingLoss.Ranking"/> and <see cref="EmbeddingLoss.Softmax"/>.
    /// </summary>
    public int Distractors { get; init; }

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Kind)) throw new DeviseInputException($"loss.kind: {Kind}, expected cosine, ranking or softmax");
        if (!(Weight is > 0 and <= 1000)) throw new DeviseInputException($"loss.weight: {Weight}, expected above 0, at most 1000");
        if (!(CosineWeight is >= 0 and <= 1000)) throw new DeviseInputException($"loss.cosineWeight: {CosineWeight}, expected 0..1000");
        if (!(Margin is >= 0 and <= 2)) throw new DeviseInputException($"loss.margin: {Margin}, expected 0..2");
        if (!(Scale is > 0 and <= 100)) throw new DeviseInputException($"loss.scale: {Scale}, expected above 0, at most 100");
        if (!(LabelSmoothing is >= 0 and < 1)) throw new DeviseInputException($"loss.labelSmoothing: {LabelSmoothing}, expected at least 0 and below 1");
        if (Distractors is < 0 or > 1_000_000) throw new DeviseInputException($"loss.distractors: {Distractors}, expected 0..1000000");
        if (Distractors > 0 && Kind == EmbeddingLoss.Cosine) throw new DeviseInputException("loss.distractors: the cosine loss has no wrong labels, expected ranking or softmax");
    }
}
