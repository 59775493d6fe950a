using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring;

/// <summary>What to change in a saved model while it is loaded; <see langword="null"/> leaves a part as it was saved.</summary>
public sealed record LoadScoringOptions
{
    /// <summary>Other labels to choose among, of the same dimension: nothing has to be trained again for them.</summary>
    public LabelSpace? Labels { get; init; }

    /// <summary>Labels an image; with other labels, as many as saved or as there are.</summary>
    public int? K { get; init; }

    /// <summary>How labels compete.</summary>
    public LabelRanking? Ranking { get; init; }

    /// <summary>Folder that relative paths start from and that no path may lead out of.</summary>
    public string? Folder { get; init; }

    /// <summary>Batches decoded and embedded at a time, 1 to 1024; <see langword="null"/> for one a processor.</summary>
    public int? Workers { get; init; }

    /// <summary>Threads of one run of the network, 1 to 1024; <see langword="null"/> for the processors that the workers leave.</summary>
    public int? IntraOpThreads { get; init; }

    /// <summary>What ONNX Runtime computes the networks with.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>See <see cref="EmbedImagesOptions.FastConvolutions"/>.</summary>
    public bool FastConvolutions { get; init; } = true;

    /// <summary>Ends reading with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}
