using System.Diagnostics.CodeAnalysis;
using MLNet.Devise.Search.Kernels;

namespace MLNet.Devise.Search;

/// <summary>How an index is built.</summary>
public sealed record VectorIndexOptions
{
    /// <summary>Vectors up to which <see cref="VectorIndexKind.Auto"/> chooses <see cref="ExactIndex"/>: below some 20,000 to 40,000 it is the faster one anyway.</summary>
    public const int ExactUpTo = 50_000;

    /// <summary>Exact or approximate; <see cref="VectorIndexKind.Auto"/> goes by the number of vectors.</summary>
    public VectorIndexKind Kind { get; init; }

    /// <summary>What searches read.</summary>
    public VectorStorage Storage { get; init; } = VectorStorage.Int8;

    /// <summary>Links a vector on the upper layers of the graph, and half of those on the lowest, 4 to 64 (Malkov and Yashunin 2018, M). Queries unlike the stored vectors, such as words among images, gain from 32.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates looked at when a vector is linked, 8 to 4,096 (efConstruction).</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Candidates that a search keeps unless told otherwise, 1 to 100,000 (ef).</summary>
    public int Ef { get; init; } = 64;

    /// <summary>Seed of the layers.</summary>
    public long Seed { get; init; }

    /// <summary>Threads that build; <see langword="null"/> for one a processor. The graph is the same for any number.</summary>
    public int? Threads { get; init; }

    /// <summary>Which instructions; for tests, all give the same.</summary>
    internal KernelKind? Kernel { get; init; }

    internal VectorIndexOptions Validated()
    {
        if (M is < 4 or > 64) throw new DeviseInputException($"M: {M}, expected 4 to 64");
        if (EfConstruction is < 8 or > 4096) throw new DeviseInputException($"efConstruction: {EfConstruction}, expected 8 to 4,096");
        if (Ef is < 1 or > HnswIndex.MaxEf) throw new DeviseInputException($"ef: {Ef}, expected 1 to {HnswIndex.MaxEf:N0}");
        if (Threads is < 1) throw new DeviseInputException($"threads: {Threads}, expected at least 1");
        if (!Enum.IsDefined(Kind) || !Enum.IsDefined(Storage)) throw new DeviseInputException($"kind {Kind}, storage {Storage}: expected named values");
        return this;
    }
}

/// <summary>Kinds of index.</summary>
public enum VectorIndexKind
{
    /// <summary>Exact up to <see cref="VectorIndexOptions.ExactUpTo"/> vectors, else a graph.</summary>
    Auto,
    /// <summary><see cref="ExactIndex"/>.</summary>
    Exact,
    /// <summary><see cref="HnswIndex"/>.</summary>
    Hnsw,
}

/// <summary>What searches read.</summary>
public enum VectorStorage
{
    /// <summary>The floats.</summary>
    Fp32,
    /// <summary>A byte a value, a quarter of the memory traffic; the best candidates' cosines are then computed from the floats, which are kept too.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The format's own name.")]
    Int8,
}
