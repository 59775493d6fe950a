using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>How a batch of images is scored.</summary>
public sealed record ScoreJobOptions
{
    /// <summary>Labels an image, 1 to the number of labels.</summary>
    public int K { get; init; } = 5;

    /// <summary>The labels to choose among; <see langword="null"/> for all of the bundle's.</summary>
    public LabelSpace? Labels { get; init; }

    /// <summary>Whether each row also keeps its embedding, as search and evaluation need.</summary>
    public bool Embeddings { get; init; }

    /// <summary>What ONNX Runtime computes the network with.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Images at a time; <see langword="null"/> for one a processor.</summary>
    public int? Workers { get; init; }
}

/// <summary>How far a job has come.</summary>
/// <param name="Done">Rows written.</param>
/// <param name="Bad">Rows among them whose status is not <c>ok</c>.</param>
/// <param name="Total">Rows there will be.</param>
public readonly record struct ScoreProgress(int Done, int Bad, int Total);

/// <summary>What a job has written.</summary>
/// <param name="Rows">Rows, one an input.</param>
/// <param name="ByStatus">Rows of each status that occurred, by its text (<c>ok</c>, <c>missing</c> …).</param>
public sealed record ScoreSummary(int Rows, IReadOnlyDictionary<string, int> ByStatus);
