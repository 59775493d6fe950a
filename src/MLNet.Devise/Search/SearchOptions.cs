namespace MLNet.Devise.Search;

/// <summary>What may be found, and how hard to look.</summary>
public sealed record SearchOptions
{
    /// <summary>Candidates that an approximate search keeps, 1 to 100,000: more is slower and finds more; <see langword="null"/> for the index's own. At least k are kept.</summary>
    public int? Ef { get; init; }

    /// <summary>Candidates found through one-byte codes whose cosines are then computed from their floats; <see langword="null"/>: up to 2 k, at least 20, as far as rounding may have put them behind.</summary>
    public int? Rerank { get; init; }

    /// <summary>Only these ids may be found; <see langword="null"/> for all. k of them still come back where there are k.</summary>
    public IReadOnlyCollection<string>? Among { get; init; }

    /// <summary>Only ids for which this is true may be found; called for few of them, from several threads. <see langword="null"/> for all.</summary>
    public Func<string, bool>? Where { get; init; }

    /// <summary>Threads of <see cref="IVectorIndex.SearchAll"/>; <see langword="null"/> for one a processor.</summary>
    public int? Threads { get; init; }

    internal static SearchOptions Default { get; } = new();

    internal SearchOptions Validated()
    {
        if (Ef is < 1 or > HnswIndex.MaxEf) throw new DeviseInputException($"ef: {Ef}, expected 1 to {HnswIndex.MaxEf:N0}");
        if (Rerank is < 0) throw new DeviseInputException($"rerank: {Rerank}, expected 0 or more");
        if (Threads is < 1) throw new DeviseInputException($"threads: {Threads}, expected at least 1");
        return this;
    }
}
