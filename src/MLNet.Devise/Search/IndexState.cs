using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search;

/// <summary>What a search sees of an index; replaced as a whole, never changed.</summary>
/// <param name="Rows">Rows there, removed ones with them.</param>
/// <param name="Removed">Rows that must not be found any more.</param>
/// <param name="Graph">The graph of an <see cref="HnswIndex"/>.</param>
internal sealed record IndexState(int Rows, RowBits Removed, Graph.LayeredGraph? Graph)
{
    /// <summary>Rows that can be found.</summary>
    public int Live => Rows - Removed.Count;
}
