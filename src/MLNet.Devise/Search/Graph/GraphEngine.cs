using System.Collections.Concurrent;
using MLNet.Devise.Search.Kernels;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Graph;

/// <summary>Searches and builds graphs over one table, with what the table stores and the processor has.</summary>
internal abstract class GraphEngine : IDisposable
{
    public static GraphEngine Of(VectorTable table, KernelKind kernel) => (table.Storage, kernel) switch
    {
        (VectorStorage.Int8, KernelKind.Avx512) => new GraphEngine<CodeMetric<Avx512Kernel>>(table, () => new(table)),
        (VectorStorage.Int8, KernelKind.Avx2) => new GraphEngine<CodeMetric<Avx2Kernel>>(table, () => new(table)),
        (VectorStorage.Int8, KernelKind.Vector128) => new GraphEngine<CodeMetric<Vector128Kernel>>(table, () => new(table)),
        (VectorStorage.Int8, _) => new GraphEngine<CodeMetric<ScalarKernel>>(table, () => new(table)),
        (_, KernelKind.Avx512) => new GraphEngine<FloatMetric<Avx512Kernel>>(table, () => new(table)),
        (_, KernelKind.Avx2) => new GraphEngine<FloatMetric<Avx2Kernel>>(table, () => new(table)),
        (_, KernelKind.Vector128) => new GraphEngine<FloatMetric<Vector128Kernel>>(table, () => new(table)),
        _ => new GraphEngine<FloatMetric<ScalarKernel>>(table, () => new(table)),
    };

    /// <summary>About the <paramref name="ef"/> nearest rows, as the stored form has it, nearest first; removed ones with them.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">Rows of the table; those behind the graph's are looked at one by one.</param>
    /// <param name="query">The query.</param>
    /// <param name="ef">How many.</param>
    /// <param name="found">Receives the rows; cleared first.</param>
    /// <returns>How far their cosines may be from the true ones.</returns>
    public abstract float Search(LayeredGraph graph, int rows, PaddedQuery query, int ef, List<FoundRow> found);

    /// <summary>Links all rows that are not in a graph yet; the graph given is changed.</summary>
    public abstract void Extend(LayeredGraph graph, IndexState state, VectorIndexOptions options, Action<int>? progress, CancellationToken cancellation);

    public abstract void Dispose();
}

/// <inheritdoc/>
internal sealed unsafe class GraphEngine<TMetric>(VectorTable table, Func<TMetric> metric) : GraphEngine where TMetric : struct, IMetric
{
    private readonly ConcurrentBag<Walker<TMetric>> _idle = [];

    public override float Search(LayeredGraph graph, int rows, PaddedQuery query, int ef, List<FoundRow> found)
    {
        found.Clear();
        var walker = Rent();
        walker.Metric.SetQuery(query.Floats);
        walker.Search(graph, ef);
        foreach (var row in graph.Loose) walker.Offer(row, ef);
        for (var row = graph.Rows; row < rows; row++) walker.Offer(row, ef);
        for (var i = 0; i < walker.Count; i++) found.Add(new(Walker<TMetric>.Cosine(walker.Pool[i]), Walker<TMetric>.Row(walker.Pool[i])));
        var error = walker.Metric.Error(table.Lost);
        Return(walker);
        return error;
    }

    public override void Extend(LayeredGraph graph, IndexState state, VectorIndexOptions options, Action<int>? progress, CancellationToken cancellation) =>
        new GraphBuilder<TMetric>(graph, table, state.Removed, options, this).Extend(state.Rows, progress, cancellation);

    // A walker that was used by an exception's victim is not returned, but finalised.
    public Walker<TMetric> Rent() => _idle.TryTake(out var walker) ? walker : new(metric());

    public void Return(Walker<TMetric> walker) => _idle.Add(walker);

    public override void Dispose()
    {
        while (_idle.TryTake(out var walker)) walker.Dispose();
    }
}
