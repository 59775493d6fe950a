using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>How a batch of images is scored.</summary>
public sealed record DeviseJobOptions
{
    /// <summary>Labels an image, 1 to the number of labels.</summary>
    public int K { get; init; } = 5;

    /// <summary>The labels to choose among; <see langword="null"/> for all of the bundle's.</summary>
    public LabelSpace? Labels { get; init; }

    /// <summary>How labels compete; by default by cosine alone.</summary>
    public LabelRanking Ranking { get; init; } = new();

    /// <summary>Whether each row also keeps its embedding, as search and evaluation need.</summary>
    public bool Embeddings { get; init; }

    /// <summary>Images at a time; <see langword="null"/> for one a processor.</summary>
    public int? Workers { get; init; }

    /// <summary>What ONNX Runtime computes the network with.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>The share of this process; <see langword="null"/> where it does all and joins the parts itself.</summary>
    public JobShard? Shard { get; init; }

    /// <summary>What to do about parts that an earlier, unfinished process left.</summary>
    public UnfinishedJob Unfinished { get; init; }

    /// <summary>Whether rows that an earlier process could not read are tried again; goes with <see cref="UnfinishedJob.Resume"/>.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>Rows of a process that may have another status than <c>ok</c> before it stops; <see langword="null"/>: any number.</summary>
    public long? MaxErrors { get; init; }

    /// <summary>Rows a part, 1 to 1,000,000: at most so many are scored again after a kill.</summary>
    public int PartRows { get; init; } = 2000;

    internal const int MostPartRows = 1_000_000;

    /// <summary>The list's columns that go through to the scores; <see langword="null"/> for all, empty for none.</summary>
    public IReadOnlyList<string>? Keep { get; init; }

    internal DeviseJobOptions Validated()
    {
        if (K < 1) throw new DeviseInputException($"k: {K}, expected at least 1");
        if (MaxErrors < 0) throw new DeviseInputException($"max-errors: {MaxErrors}, expected 0 or more");
        if (PartRows is < 1 or > MostPartRows) throw new DeviseInputException($"part-rows: {PartRows}, expected 1 to 1,000,000");
        if (RetryFailed && Unfinished == UnfinishedJob.Restart) throw new DeviseInputException("retry-failed and restart: expected one of them, the first goes on from what there is, the second throws it away");
        ExecutionProviders.Check(Provider);
        Shard?.Validated("shard");
        return RetryFailed ? this with { Unfinished = UnfinishedJob.Resume } : this;
    }
}

/// <summary>What a job does about parts that an earlier process left.</summary>
public enum UnfinishedJob
{
    /// <summary>Refuses to start, so that no work is lost by oversight.</summary>
    Refuse,
    /// <summary>Keeps what was finished and does the rest; starts where there is nothing.</summary>
    Resume,
    /// <summary>Throws it away.</summary>
    Restart,
}
