namespace MLNet.Devise.Training.Learning;

/// <summary>What the embedding ends with.</summary>
public enum HeadKind
{
    /// <summary>ReLU and batch normalisation after the last linear layer, as the paper has it.</summary>
    Fastai,
    /// <summary>The linear layer itself: embeddings can point anywhere, which serves retrieval better.</summary>
    Linear,
}

/// <summary>The part of the network that is trained from scratch.</summary>
public sealed record HeadOptions
{
    /// <summary>What the embedding ends with.</summary>
    public HeadKind Kind { get; init; } = HeadKind.Fastai;

    /// <summary>Dropout before both hidden linear layers, 0..1.</summary>
    public double Dropout { get; init; } = 0.25;

    /// <summary>Dropout before the classifier of stage 1, 0..1.</summary>
    public double LastDropout { get; init; } = 0.5;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (Dropout is not (>= 0 and < 1)) throw new DeviseInputException($"head.dropout: {Dropout}, expected at least 0 and below 1");
        if (LastDropout is not (>= 0 and < 1)) throw new DeviseInputException($"head.lastDropout: {LastDropout}, expected at least 0 and below 1");
        if (!Enum.IsDefined(Kind)) throw new DeviseInputException($"head.kind: {Kind}, expected fastai or linear");
    }
}
