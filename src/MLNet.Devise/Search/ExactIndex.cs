using System.Numerics.Tensors;

namespace MLNet.Devise.Search;

/// <summary>
/// Compares a query with every row: always right, the yardstick for approximate indices, and the faster choice up to some tens of
/// thousands of rows. Safe for concurrent searches.
/// </summary>
public sealed class ExactIndex : IVectorIndex
{
    // A block of cosines stays in the first-level cache between being computed and being sifted.
    private const int Block = 1024;
    private readonly ReadOnlyMemory<float> _vectors;

    /// <summary>Takes vectors as they are, without copying: do not change them afterwards.</summary>
    /// <param name="ids">One id a row; they may repeat.</param>
    /// <param name="vectors">Row-major, ids × dimension, each row of length 1.</param>
    /// <param name="dimension">Values a row.</param>
    /// <exception cref="DeviseInputException">The sizes do not fit together, or a row has not length 1.</exception>
    public ExactIndex(IReadOnlyList<string> ids, ReadOnlyMemory<float> vectors, int dimension)
    {
        if (dimension < 1 || (long)ids.Count * dimension != vectors.Length)
            throw new DeviseInputException($"{ids.Count} ids with {vectors.Length} values, expected {dimension} values each");
        (Ids, Dimension, _vectors) = ([.. ids], dimension, vectors);
        for (var row = 0; row < Ids.Count; row++) UnitVectors.Check(Row(row), dimension, "image", Ids[row]);
    }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>The vector of a row.</summary>
    public ReadOnlySpan<float> Row(int row) => _vectors.Span.Slice(row * Dimension, Dimension);

    /// <inheritdoc/>
    public IReadOnlyList<SearchHit> Search(ReadOnlySpan<float> query, int k)
    {
        if (k < 1) throw new DeviseInputException($"k: {k}, expected at least 1");
        UnitVectors.Check(query, Dimension, "search", "query");
        var best = new TopK(Math.Min(k, Math.Max(1, Ids.Count)));
        Span<float> cosines = stackalloc float[Block];
        for (var first = 0; first < Ids.Count; first += Block)
        {
            var rows = Math.Min(Block, Ids.Count - first);
            var block = _vectors.Span.Slice(first * Dimension, rows * Dimension);
            for (var i = 0; i < rows; i++) cosines[i] = TensorPrimitives.Dot(query, block.Slice(i * Dimension, Dimension));
            for (var i = 0; i < rows; i++) best.Add(cosines[i], first + i);
        }
        return [.. best.ToSorted().Select(hit => new SearchHit(hit.Row, Ids[hit.Row], hit.Cosine))];
    }
}
