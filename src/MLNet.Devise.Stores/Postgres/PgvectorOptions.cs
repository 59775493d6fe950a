using System.Text.RegularExpressions;

namespace MLNet.Devise.Stores;

/// <summary>How images are kept in PostgreSQL.</summary>
public sealed partial record PgvectorOptions
{
    /// <summary>The table: lower-case letters, digits and underscores, at most 48.</summary>
    public string Table { get; init; } = "devise_images";

    /// <summary>Links a vector, 2 to 100 (pgvector's m).</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates looked at when a vector is linked, 4 to 1,000 and at least twice <see cref="M"/> (ef_construction).</summary>
    public int EfConstruction { get; init; } = 64;

    /// <summary>Candidates that a search keeps, 1 to 1,000 (hnsw.ef_search); at least as many as are asked for are kept.</summary>
    public int EfSearch { get; init; } = 100;

    /// <summary>Rows that a filtered search visits at most while it looks for enough that pass (hnsw.max_scan_tuples).</summary>
    public int MaxScanTuples { get; init; } = 20_000;

    /// <summary>Rows of one COPY or INSERT, 1 to 1,000,000: they are in memory once and in one transaction.</summary>
    public int BatchRows { get; init; } = 5_000;

    /// <summary>Whether rows go in by binary COPY through a temporary table, else as arrays of one INSERT, for servers without COPY.</summary>
    public bool Copy { get; init; } = true;

    internal PgvectorOptions Validated()
    {
        if (!Name().IsMatch(Table)) throw new DeviseInputException($"table '{Table}': expected lower-case letters, digits and underscores, beginning with a letter, at most 48");
        if (M is < 2 or > 100) throw new DeviseInputException($"m: {M}, expected 2 to 100");
        if (EfConstruction is < 4 or > 1000 || EfConstruction < 2 * M) throw new DeviseInputException($"ef_construction: {EfConstruction}, expected 4 to 1,000 and at least twice m ({M})");
        if (EfSearch is < 1 or > 1000) throw new DeviseInputException($"ef_search: {EfSearch}, expected 1 to 1,000");
        if (MaxScanTuples < 1) throw new DeviseInputException($"max_scan_tuples: {MaxScanTuples}, expected at least 1");
        if (BatchRows is < 1 or > 1_000_000) throw new DeviseInputException($"batch rows: {BatchRows}, expected 1 to 1,000,000");
        return this;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,47}$")]
    private static partial Regex Name();
}
