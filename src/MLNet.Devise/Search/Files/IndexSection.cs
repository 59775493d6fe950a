namespace MLNet.Devise.Search.Files;

/// <summary>The parts of an index file.</summary>
internal enum IndexSection : uint
{
    /// <summary>JSON: <see cref="IndexHeader"/>.</summary>
    Header = 1,
    /// <summary>Where each id begins in <see cref="IdBytes"/>, 64-bit, and the end.</summary>
    IdOffsets,
    /// <summary>UTF-8 of all ids.</summary>
    IdBytes,
    /// <summary>Hash table of the ids that can be found: rows or −1, open addressing.</summary>
    IdSlots,
    /// <summary>Rows of floats, padded to 64 bytes.</summary>
    Vectors,
    /// <summary>Rows of codes.</summary>
    Codes,
    /// <summary>A bit a row, in 64-bit words: it was removed.</summary>
    Removed,
    /// <summary>Links of the lowest layer, 2 M a row.</summary>
    Ground,
    /// <summary>A row's first record in <see cref="Upper"/>, or −1.</summary>
    First,
    /// <summary>Links of upper layers, M a record.</summary>
    Upper,
    /// <summary>Pairs: a linked row, and one with the same vector.</summary>
    Twins,
    /// <summary>Linked rows that no walk reaches.</summary>
    Loose,
    /// <summary>Floats: the vectors of the header's labels.</summary>
    LabelVectors,
}

/// <summary>What an index file says of itself.</summary>
internal sealed record IndexHeader
{
    public required int Dimension { get; init; }

    public required int Rows { get; init; }

    public required VectorIndexKind Kind { get; init; }

    public required VectorStorage Storage { get; init; }

    public required int M { get; init; }

    public required int EfConstruction { get; init; }

    public required int Ef { get; init; }

    public required long Seed { get; init; }

    public required float Lost { get; init; }

    public int Entry { get; init; } = -1;

    public int Top { get; init; }

    public int UpperRecords { get; init; }

    public string? Bundle { get; init; }

    public string? BundleFromHere { get; init; }

    public string? Sha256 { get; init; }

    public string? WordVectors { get; init; }

    public string[]? Labels { get; init; }
}
