using MLNet.Devise.Labels;
using MLNet.Devise.Scoring.Ranking;

namespace MLNet.Devise.Scoring;

/// <summary>How <c>ScoreImages</c> scores.</summary>
public sealed record ScoreImagesOptions
{
    /// <summary>Labels an image, 1 to the number of labels.</summary>
    public int K { get; init; } = 5;

    /// <summary>The labels to choose among, another list than the model was trained on if you like; <see langword="null"/> for all of the bundle's.</summary>
    public LabelSpace? Labels { get; init; }

    /// <summary>How labels compete; by default by cosine alone.</summary>
    public LabelRanking Ranking { get; init; } = new();

    /// <summary>Text column of file paths; or a column of images or of bytes, see <see cref="EmbedImagesOptions.InputColumnName"/>.</summary>
    public string PathColumnName { get; init; } = Columns.Path;

    /// <summary>Folder that relative paths start from and that no path may lead out of; <see langword="null"/>: no such limit.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether large JPEGs are decoded at a fraction of their size; see <see cref="EmbedImagesOptions.ReducedDecoding"/>.</summary>
    public bool ReducedDecoding { get; init; } = true;

    /// <summary>Images decoded and embedded at a time, 1 to 1024; <see langword="null"/> for one a processor.</summary>
    public int? Workers { get; init; }

    /// <summary>Threads of one run of the network, 1 to 1024. Several workers with one thread each are faster than one with several.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>What ONNX Runtime computes the network with.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Whether this library computes convolutions itself where it can; see <see cref="EmbedImagesOptions.FastConvolutions"/>.</summary>
    public bool FastConvolutions { get; init; } = true;

    /// <summary>Ends reading with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }

    internal ScoreImagesOptions Validated(ModelBundle bundle)
    {
        if (Labels is { } labels && labels.Dimension != bundle.Manifest.Dimension)
            throw new DeviseInputException(
                $"labels: vectors of {labels.Dimension} values, the bundle's model gives {bundle.Manifest.Dimension}; take vectors from the file it was trained with");
        LabelScorer.Check(Labels ?? bundle.Labels, Ranking, K);
        return this;
    }

    internal EmbedImagesOptions Embedding => new()
    {
        InputColumnName = PathColumnName,
        Folder = Folder,
        ReducedDecoding = ReducedDecoding,
        Workers = Workers,
        IntraOpThreads = IntraOpThreads,
        Provider = Provider,
        FastConvolutions = FastConvolutions,
        Cancellation = Cancellation,
    };
}
