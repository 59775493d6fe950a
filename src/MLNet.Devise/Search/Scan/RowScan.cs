using MLNet.Devise.Search.Kernels;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Scan;

/// <summary>Compares queries with every row. Approximations (codes, another order of summing) only choose which rows are compared exactly.</summary>
internal abstract class RowScan
{
    /// <summary>The right one for a processor.</summary>
    public static RowScan Of(KernelKind kernel) => kernel switch
    {
        KernelKind.Avx512 => new RowScan<Avx512Kernel>(),
        KernelKind.Avx2 => new RowScan<Avx2Kernel>(),
        KernelKind.Vector128 => new RowScan<Vector128Kernel>(),
        _ => new RowScan<ScalarKernel>(),
    };

    /// <summary>The best k rows that pass, best first.</summary>
    public abstract FoundRow[] Nearest(VectorTable table, int rows, PaddedQuery query, int k, RowFilter filter);

    /// <summary>All rows that pass and are at least so near, best first.</summary>
    public abstract FoundRow[] Within(VectorTable table, int rows, PaddedQuery query, float minimum, RowFilter filter);

    /// <summary><see cref="Nearest"/> for several queries, each row read once for all of them.</summary>
    public abstract FoundRow[][] NearestAll(VectorTable table, int rows, ReadOnlySpan<float> queries, int count, int k, RowFilter filter);
}

/// <inheritdoc/>
internal sealed unsafe class RowScan<TKernel> : RowScan where TKernel : struct, IKernel
{
    /// <summary>Rows whose floats stay in the second-level cache while all queries of a batch pass over them.</summary>
    private const int Block = 256;

    private static readonly PanelBatch? Panels = PanelBatch.Of<TKernel>();

    public override FoundRow[] Nearest(VectorTable table, int rows, PaddedQuery query, int k, RowFilter filter)
    {
        k = Math.Clamp(k, 1, Math.Max(1, rows));
        if (table.Codes is not null)
        {
            using var codes = new CodeQuery(table, query);
            var near = new NearTop(k, 2 * codes.Error);
            codes.Scan(table, rows, near, filter);
            return Exact(table, query.Floats, near, k);
        }
        var best = new NearTop(k, 0);
        Floats(table, 0, rows, query.Floats, best, filter);
        return Exact(table, query.Floats, best, k);
    }

    public override FoundRow[] Within(VectorTable table, int rows, PaddedQuery query, float minimum, RowFilter filter)
    {
        var all = new NearTop(Math.Max(1, rows), 0);
        if (table.Codes is null) Floats(table, 0, rows, query.Floats, all, filter, minimum);
        else
        {
            using var codes = new CodeQuery(table, query);
            codes.Scan(table, rows, all, filter, minimum - codes.Error);
        }
        return [.. Exact(table, query.Floats, all, Math.Max(1, rows)).TakeWhile(found => found.Cosine >= minimum)];
    }

    public override FoundRow[][] NearestAll(VectorTable table, int rows, ReadOnlySpan<float> queries, int count, int k, RowFilter filter)
    {
        k = Math.Clamp(k, 1, Math.Max(1, rows));
        var panels = count >= PanelBatch.QueriesWorthwhile ? Panels : null;
        var best = new NearTop[count];
        // Another order of summing gives other last bits.
        var window = panels is null ? 0 : PanelBatch.Window(table.RowFloats);
        for (var i = 0; i < count; i++) best[i] = new(k, window);
        var padded = new PaddedQuery[count];
        for (var i = 0; i < count; i++) padded[i] = new(queries.Slice(i * table.Dimension, table.Dimension), table.RowFloats);
        try
        {
            if (panels is not null) panels.Scan(table, rows, padded, best, filter);
            else
                for (var first = 0; first < rows; first += Block)
                    for (var i = 0; i < count; i++) Floats(table, first, Math.Min(rows, first + Block), padded[i].Floats, best[i], filter);
            var found = new FoundRow[count][];
            for (var i = 0; i < count; i++) found[i] = Exact(table, padded[i].Floats, best[i], k);
            return found;
        }
        finally { foreach (var query in padded) query.Dispose(); }
    }

    private static void Floats(VectorTable table, int first, int end, float* query, NearTop best, RowFilter filter, float minimum = float.NegativeInfinity)
    {
        var (pointers, length) = (table.Vectors.Pointers, table.RowFloats);
        var cosines = stackalloc float[4];
        var row = first;
        for (; row + 4 <= end; row += 4)
        {
            TKernel.Dot4(query, (float*)pointers.Row(row), (float*)pointers.Row(row + 1), (float*)pointers.Row(row + 2), (float*)pointers.Row(row + 3), length, cosines);
            var floor = MathF.Max(best.Floor, minimum);
            for (var i = 0; i < 4; i++)
                if (cosines[i] >= floor && filter.Accepts(row + i)) best.Add(cosines[i], row + i);
        }
        for (; row < end; row++)
            if (TKernel.Dot(query, (float*)pointers.Row(row), length) is var cosine && cosine >= minimum && cosine >= best.Floor && filter.Accepts(row)) best.Add(cosine, row);
    }

    /// <summary>The k best of those kept, by their floats in the one order of summing.</summary>
    private static FoundRow[] Exact(VectorTable table, float* query, NearTop near, int k)
    {
        var keys = near.Keys();
        var best = new TopK(Math.Clamp(k, 1, Math.Max(1, keys.Length)));
        foreach (var key in keys)
        {
            var row = TopK.Row(key);
            best.Add(TKernel.Dot(query, (float*)table.Vectors.Row(row), table.RowFloats), row);
        }
        return best.ToFound();
    }

    /// <summary>A query as codes, over rows of codes.</summary>
    private sealed class CodeQuery : IDisposable
    {
        private CodeMetric<TKernel> _metric;

        public CodeQuery(VectorTable table, PaddedQuery query)
        {
            _metric = new(table);
            _metric.SetQuery(query.Floats);
            Error = _metric.Error(table.Lost);
        }

        /// <summary>How far a cosine from codes may be from the true one.</summary>
        public float Error { get; }

        public void Scan(VectorTable table, int rows, NearTop near, RowFilter filter, float minimum = float.NegativeInfinity)
        {
            var (metric, stride) = (_metric, table.Codes!.Stride);
            var cosines = stackalloc float[4];
            for (var first = 0; first < rows; first += table.Codes.RowsPerChunk)
            {
                var end = Math.Min(rows, first + table.Codes.RowsPerChunk);
                var codes = table.Codes.Row(first);
                var row = first;
                for (; row + 4 <= end; row += 4, codes += 4 * stride)
                {
                    metric.Similarities(codes, codes + stride, codes + 2 * stride, codes + 3 * stride, cosines);
                    var floor = MathF.Max(near.Floor, minimum);
                    if (!System.Runtime.Intrinsics.Vector128.GreaterThanOrEqualAny(System.Runtime.Intrinsics.Vector128.Load(cosines), System.Runtime.Intrinsics.Vector128.Create(floor))) continue;
                    for (var i = 0; i < 4; i++)
                        if (cosines[i] >= floor && filter.Accepts(row + i)) near.Add(cosines[i], row + i);
                }
                for (; row < end; row++)
                    if (metric.Similarity(row) is var cosine && cosine >= minimum && cosine >= near.Floor && filter.Accepts(row)) near.Add(cosine, row);
            }
        }

        public void Dispose() => _metric.Free();
    }
}
