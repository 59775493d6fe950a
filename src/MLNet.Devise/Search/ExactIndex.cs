using MLNet.Devise.Data;
using MLNet.Devise.Search.Scan;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search;

/// <summary>
/// Compares a query with every vector: always right, the yardstick for approximate indices, and the faster choice up to some tens of
/// thousands of vectors. With <see cref="VectorStorage.Int8"/> it reads codes, a quarter of the bytes, and computes from floats the
/// cosines of all vectors that may belong to the best, by a bound on what rounding took away: the answer is the same.
/// </summary>
public sealed class ExactIndex : VectorIndex
{
    private readonly RowScan _scan;

    /// <summary>Copies vectors into an index that reads floats.</summary>
    /// <param name="ids">One id a vector, each once, none empty.</param>
    /// <param name="vectors">Row-major, ids × dimension, each row of length 1.</param>
    /// <param name="dimension">Values a vector.</param>
    /// <exception cref="DeviseInputException">The sizes do not fit together, an id comes twice, or a row has not length 1.</exception>
    public ExactIndex(IReadOnlyList<string> ids, ReadOnlySpan<float> vectors, int dimension)
        : this(Filled(ids, vectors, dimension, VectorStorage.Fp32), new() { Kind = VectorIndexKind.Exact, Storage = VectorStorage.Fp32 }, new(ids.Count, RowBits.None, null)) { }

    internal ExactIndex(VectorTable table, VectorIndexOptions options, IndexState state) : base(table, options, state) => _scan = RowScan.Of(Kernel);

    private protected override FoundRow[] Nearest(IndexState state, PaddedQuery query, int k, SearchOptions options, RowFilter filter) =>
        _scan.Nearest(Table, state.Rows, query, k, filter);

    private protected override FoundRow[] Within(IndexState state, PaddedQuery query, float minimumCosine, SearchOptions options, RowFilter filter) =>
        _scan.Within(Table, state.Rows, query, minimumCosine, filter);

    private protected override IReadOnlyList<SearchHit>[] NearestAll(IndexState state, ReadOnlyMemory<float> queries, int count, int k, SearchOptions options, RowFilter filter)
    {
        var found = new IReadOnlyList<SearchHit>[count];
        // A share of queries passes over the rows together; shares of many queries cost the fewest passes.
        var threads = Math.Min(options.Threads ?? Environment.ProcessorCount, (count + PanelBatch.QueriesWorthwhile - 1) / PanelBatch.QueriesWorthwhile);
        ParallelLoop.Run(threads, threads, share =>
        {
            var (first, end) = ((int)((long)count * share / threads), (int)((long)count * (share + 1) / threads));
            for (; first < end; first += MaxBatch)
            {
                var here = Math.Min(MaxBatch, end - first);
                var rows = _scan.NearestAll(Table, state.Rows, queries.Span.Slice(first * Dimension, here * Dimension), here, k, filter);
                for (var i = 0; i < here; i++) found[first + i] = Finish(rows[i]);
            }
        });
        return found;
    }

    private const int MaxBatch = 1200;
}
