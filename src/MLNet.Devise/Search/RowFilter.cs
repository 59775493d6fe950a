using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search;

/// <summary>Which rows a search may find.</summary>
internal sealed class RowFilter(VectorTable table, IndexState state, Func<string, bool>? where, HashSet<int>? among)
{
    /// <summary>The only rows that may be found; null for any.</summary>
    public HashSet<int>? Among => among;

    /// <summary>Whether every row may be found.</summary>
    public bool AcceptsAll { get; } = where is null && among is null && state.Removed.Count == 0;

    public bool Accepts(int row) =>
        AcceptsAll || !state.Removed[row] && (among is null || among.Contains(row)) && (where is null || where(table.Ids[row]));
}
