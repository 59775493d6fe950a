using System.IO.Hashing;
using System.Runtime.InteropServices;
using MLNet.Devise.Data;
using MLNet.Devise.Search.Kernels;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Graph;

/// <summary>
/// Links rows in batches of at most a fiftieth of those that are linked, so that the first one is alone. Each row of a batch looks for its
/// neighbours in the graph as it was before the batch; the links back are then made in the order (layer, target, source). So the graph
/// depends on rows and seed alone, not on threads. A row equal to one already there becomes its twin: thousands of copies would only link
/// to each other. Twins and removed rows do not count, for nobody can link to them.
/// </summary>
internal sealed unsafe class GraphBuilder<TMetric>(LayeredGraph graph, VectorTable table, RowBits removed, VectorIndexOptions options, GraphEngine<TMetric> engine)
    where TMetric : struct, IMetric
{
    private const int MaxBatch = 8192, BatchesAGraph = 50;
    private readonly int _threads = options.Threads ?? Environment.ProcessorCount;
    private readonly Dictionary<int, List<int>> _twins = [];

    public void Extend(int rows, Action<int>? progress, CancellationToken cancellation)
    {
        var (before, linkedBefore) = (graph.Rows, graph.CountLinked());
        var linked = linkedBefore;
        graph.Ground.Grow(rows);
        graph.First.Grow(rows);
        while (graph.Rows < rows)
        {
            cancellation.ThrowIfCancellationRequested();
            linked += Link(graph.Rows, Batch(graph.Rows, rows, Math.Clamp(linked / BatchesAGraph, 1, MaxBatch)));
            progress?.Invoke(graph.Rows);
        }
        foreach (var (row, more) in _twins) graph.Twins[row] = graph.Twins.TryGetValue(row, out var there) ? [.. there, .. more] : [.. more];
        // New links push out old ones, so that rows which were reached may be so no more; small portions add up too.
        graph.Unchecked = (int)Math.Min((long)graph.Unchecked + linked - linkedBefore, int.MaxValue);
        if (graph.Unchecked <= linked / BatchesAGraph) graph.Loose = [.. graph.Loose, .. Reachability.WithoutReturn(graph, before)];
        else (graph.Loose, graph.Unchecked) = (Reachability.Unreached(graph), 0);
    }

    /// <summary>Links a batch; returns how many of its rows have links now.</summary>
    private int Link(int first, int[] twinOf)
    {
        var (end, linked) = (first + twinOf.Length, 0);
        for (var row = first; row < end; row++) Prepare(row);
        Each(end - first, 4, (walker, i) =>
        {
            if (twinOf[i] < 0 && graph.Entry >= 0) twinOf[i] = Insert(walker, first + i);
        });
        graph.Rows = end;
        LinkBack(first, end, twinOf);
        for (var row = first; row < end; row++)
        {
            if (twinOf[row - first] is >= 0 and var other)
            {
                // The other one of the batch may be a twin itself.
                if (other >= first && other < row && twinOf[other - first] is >= 0 and var original) other = original;
                if (other == row) continue;
                if (!_twins.TryGetValue(other, out var twins)) _twins[other] = twins = [];
                twins.Add(row);
                continue;
            }
            linked++;
            if (LayeredGraph.Level(options.Seed, row, graph.M) is var level && graph.Entry >= 0 && level <= graph.Top) continue;
            (graph.Entry, graph.Top) = (row, level);
        }
        return linked;
    }

    /// <summary>The next rows, with no more than some to link: for each an earlier one of them with the same vector, itself where it was removed, or −1.</summary>
    private int[] Batch(int first, int rows, int most)
    {
        var (twinOf, seen) = (new List<int>(), new Dictionary<UInt128, int>());
        for (var row = first; row < rows && twinOf.Count < MaxBatch; row++)
        {
            if (removed[row])
            {
                twinOf.Add(row);
                continue;
            }
            var hash = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(table.Vector(row)));
            var same = seen.TryGetValue(hash, out var other) && table.Vector(row).SequenceEqual(table.Vector(other));
            if (!same && most-- == 0) break;
            twinOf.Add(same ? other : -1);
            if (!same) seen.TryAdd(hash, row);
        }
        return [.. twinOf];
    }

    /// <summary>Room for a row's links, empty.</summary>
    private void Prepare(int row)
    {
        var level = LayeredGraph.Level(options.Seed, row, graph.M);
        new Span<int>(graph.Links(row, 0), 2 * graph.M).Fill(-1);
        *(int*)graph.First.Row(row) = level == 0 ? -1 : graph.Upper.Rows;
        graph.Upper.Grow(graph.Upper.Rows + level);
        for (var layer = 1; layer <= level; layer++) new Span<int>(graph.Links(row, layer), graph.M).Fill(-1);
    }

    /// <summary>Finds and links a row's neighbours on all its layers; returns the row that it is a twin of, or −1.</summary>
    private int Insert(Walker<TMetric> walker, int row)
    {
        walker.Metric.SetQuery((float*)table.Vectors.Row(row));
        var level = Math.Min(LayeredGraph.Level(options.Seed, row, graph.M), graph.Top);
        walker.Start(graph, level, options.EfConstruction);
        for (var layer = level; layer >= 0; layer--)
        {
            walker.Follow(graph, layer, options.EfConstruction);
            if (TwinAmong(walker, row) is >= 0 and var twin)
            {
                for (var above = level; above >= 0; above--) new Span<int>(graph.Links(row, above), graph.Capacity(above)).Fill(-1);
                return twin;
            }
            Select(walker, walker.Pool, walker.Count, graph.M, graph.Links(row, layer));
        }
        return -1;
    }

    private int TwinAmong(Walker<TMetric> walker, int row)
    {
        for (var i = 0; i < Math.Min(8, walker.Count); i++)
            if (Walker<TMetric>.Row(walker.Pool[i]) is var other && table.Vector(other).SequenceEqual(table.Vector(row))) return other;
        return -1;
    }

    /// <summary>Of candidates, nearest first, those not nearer to one already chosen than to the row itself (algorithm 4).</summary>
    private static int Select(Walker<TMetric> walker, ulong* candidates, int count, int most, int* chosen)
    {
        var taken = 0;
        for (var i = 0; i < count && taken < most; i++)
        {
            var (row, cosine, diverse) = (Walker<TMetric>.Row(candidates[i]), Walker<TMetric>.Cosine(candidates[i]), true);
            for (var j = 0; j < taken && diverse; j++) diverse = walker.Metric.Pair(row, chosen[j]) <= cosine;
            if (diverse) chosen[taken++] = row;
        }
        return taken;
    }

    private void LinkBack(int first, int end, int[] twinOf)
    {
        // Level in the highest bits, then target, then source, of which each takes 28.
        var wanted = new List<ulong>((end - first) * graph.M);
        for (var row = first; row < end; row++)
        {
            if (twinOf[row - first] >= 0) continue;
            for (var layer = Math.Min(LayeredGraph.Level(options.Seed, row, graph.M), graph.Top); layer >= 0; layer--)
            {
                var links = graph.Links(row, layer);
                for (var i = 0; i < graph.M && links[i] >= 0; i++) wanted.Add((ulong)layer << 56 | (ulong)links[i] << 28 | (uint)row);
            }
        }
        var keys = wanted.ToArray();
        Array.Sort(keys);
        var starts = new List<int>();
        for (var i = 0; i < keys.Length; i++)
            if (i == 0 || keys[i] >> 28 != keys[i - 1] >> 28) starts.Add(i);
        starts.Add(keys.Length);
        Each(starts.Count - 1, 32, (walker, group) => LinkBack(walker, keys.AsSpan(starts[group]..starts[group + 1])));
    }

    /// <summary>Adds sources to one target's list; where it overflows, the list is chosen anew.</summary>
    private void LinkBack(Walker<TMetric> walker, ReadOnlySpan<ulong> keys)
    {
        var (layer, target) = ((int)(keys[0] >> 56), (int)(keys[0] >> 28) & RowChunks.MaxRows - 1);
        var links = graph.Links(target, layer);
        if (links is null) throw Reachability.Damaged();
        var (most, count) = (graph.Capacity(layer), 0);
        while (count < most && links[count] >= 0) count++;
        if (count + keys.Length <= most)
        {
            foreach (var key in keys) links[count++] = (int)key & RowChunks.MaxRows - 1;
            return;
        }
        var candidates = new ulong[count + keys.Length];
        for (var i = 0; i < candidates.Length; i++)
        {
            var row = i < count ? links[i] : (int)keys[i - count] & RowChunks.MaxRows - 1;
            candidates[i] = Walker<TMetric>.Key(walker.Metric.Pair(target, row), row);
        }
        Array.Sort(candidates);
        fixed (ulong* sorted = candidates)
        {
            var taken = Select(walker, sorted, candidates.Length, most, links);
            new Span<int>(links + taken, most - taken).Fill(-1);
        }
    }

    /// <summary>Does something for each of some numbers, in any order, on several threads where it is worth it.</summary>
    private void Each(int count, int share, Action<Walker<TMetric>, int> action)
    {
        var threads = Math.Min(_threads, count / share);
        if (threads <= 1)
        {
            var walker = engine.Rent();
            for (var i = 0; i < count; i++) action(walker, i);
            engine.Return(walker);
            return;
        }
        var next = 0;
        ParallelLoop.Run(threads, threads, _ =>
        {
            var walker = engine.Rent();
            while (Interlocked.Add(ref next, share) - share is var from && from < count)
                for (var i = from; i < Math.Min(count, from + share); i++) action(walker, i);
            engine.Return(walker);
        });
    }
}
