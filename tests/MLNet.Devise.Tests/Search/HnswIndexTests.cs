using System.Numerics.Tensors;
using MLNet.Devise.Search;
using MLNet.Devise.Search.Graph;

namespace MLNet.Devise.Tests.Search;

public sealed class HnswIndexTests
{
    private const int Rows = 3000, Dimension = 40, K = 10;
    private static readonly float[] Vectors = Units.Clustered(Rows, Dimension, clusters: 60, seed: 11);
    private static readonly float[] Queries = Units.Clustered(100, Dimension, clusters: 60, seed: 11)[..(100 * Dimension)];

    [Theory, InlineData(VectorStorage.Fp32), InlineData(VectorStorage.Int8)]
    public void Nearly_all_of_the_nearest_are_found(VectorStorage storage)
    {
        using var index = Build(storage);
        Assert.InRange(Recall(index, new() { Ef = 20 }), 0.85, 1);
        Assert.InRange(Recall(index, new() { Ef = 55 }), 0.97, 1);
    }

    [Theory, InlineData(VectorStorage.Fp32), InlineData(VectorStorage.Int8)]
    public void The_graph_is_the_same_for_any_threads_and_instructions(VectorStorage storage)
    {
        using var one = Build(storage, new() { Threads = 1 });
        foreach (var other in Units.Kernels.Select(kernel => new VectorIndexOptions { Threads = 3, Kernel = kernel }))
        {
            using var same = Build(storage, other);
            AssertSameGraph(one, same);
            for (var q = 0; q < 20; q++) Assert.Equal(one.Search(Query(q), K, new() { Ef = 30 }), same.Search(Query(q), K, new() { Ef = 30 }));
        }
        using var reseeded = Build(storage, new() { Seed = 1 });
        Assert.NotEqual(Links(one), Links(reseeded));
    }

    [Theory, InlineData(VectorStorage.Fp32), InlineData(VectorStorage.Int8)]
    public void A_filter_still_gives_k_and_no_other(VectorStorage storage)
    {
        using var index = Build(storage);
        using var exact = new ExactIndex(Units.Ids(Rows), Vectors, Dimension);
        foreach (var every in (int[])[2, 10, 100, 500])
        {
            var among = Enumerable.Range(0, Rows / every).Select(i => $"id{i * every}").ToHashSet();
            var (found, wanted) = (0, 0);
            for (var q = 0; q < 30; q++)
            {
                var truth = exact.Search(Query(q), K, new() { Among = among });
                foreach (var options in (SearchOptions[])[new() { Among = among, Ef = 20 }, new() { Where = among.Contains, Ef = 20 }])
                {
                    var hits = index.Search(Query(q), K, options);
                    Assert.Equal(Math.Min(K, among.Count), hits.Count);
                    Assert.All(hits, hit => Assert.Contains(hit.Id, among));
                    (found, wanted) = (found + hits.Intersect(truth).Count(), wanted + hits.Count);
                }
            }
            Assert.InRange(found / (double)wanted, 0.9, 1);
        }
    }

    [Fact]
    public void Thousands_of_copies_are_all_found()
    {
        // 40 vectors, each 50 times: linked to each other they would be islands.
        var originals = Units.Random(40, Dimension, 5);
        var vectors = Enumerable.Range(0, 2000).SelectMany(i => originals[(i % 40 * Dimension)..((i % 40 + 1) * Dimension)]).ToArray();
        using var index = VectorIndex.Create(Units.Ids(2000), vectors, Dimension, new() { Kind = VectorIndexKind.Hnsw, Storage = VectorStorage.Fp32 });
        for (var i = 0; i < 40; i++)
        {
            var hits = index.Search(originals.AsSpan(i * Dimension, Dimension), 50, new() { Ef = 40 });
            Assert.Equal(Enumerable.Range(0, 50).Select(n => n * 40 + i), hits.Select(hit => hit.Row));
        }
        Assert.Equal(40 * 2, index.State.Graph!.Twins.Count + index.Search(originals.AsSpan(0, Dimension), 40, new() { Ef = 40 }).Count);
    }

    [Fact]
    public void Hundreds_of_copies_do_not_hide_what_is_nearer()
    {
        // By their codes the copies may be nearer than the vector itself; by their floats they are not.
        const int others = 4000, copies = 300;
        for (var seed = 0; seed < 12; seed++)
        {
            var (vectors, noise) = (Units.Random(others + copies + 1, Dimension, 50 + seed), Units.Random(1, Dimension, 90 + seed));
            var copy = vectors[^Dimension..];
            var own = vectors.AsSpan((others + copies) * Dimension, Dimension);
            for (var i = 0; i < copies; i++) copy.CopyTo(vectors, (others + i) * Dimension);
            TensorPrimitives.MultiplyAdd(noise, 0.01f, copy, own);
            Units.Normalize(own);
            using var index = VectorIndex.Create(Units.Ids(others + copies + 1), vectors, Dimension, new() { Kind = VectorIndexKind.Hnsw, Storage = VectorStorage.Int8 });
            Assert.Equal(others + copies, index.Search(own, K, new() { Ef = 40 })[0].Row);
        }
    }

    [Fact]
    public void Growing_by_small_portions_is_looked_over_now_and_then()
    {
        const int rows = 3000, first = 1500;
        using var folder = new TemporaryFolder();
        var vectors = Units.Random(rows, Dimension, 12);
        using (var index = VectorIndex.Create(Units.Ids(first), vectors.AsSpan(0, first * Dimension), Dimension, new() { Kind = VectorIndexKind.Hnsw, M = 4, EfConstruction = 40 })) index.Save(folder["a.index"]);
        using var opened = VectorIndex.Open(folder["a.index"], IndexOpenOptions.ToChange);
        for (var row = first; row < rows; row += 25)
        {
            opened.Add([.. Units.Ids(rows).Skip(row).Take(25)], vectors.AsSpan(row * Dimension, 25 * Dimension));
            opened.Save(folder["b.index"]);
            var graph = opened.State.Graph!;
            Assert.InRange(graph.Unchecked, 0, graph.CountLinked() / 50);
            if (graph.Unchecked == 0) Assert.Equal(Reachability.Unreached(graph), graph.Loose);
        }
    }

    [Theory, InlineData(VectorStorage.Fp32), InlineData(VectorStorage.Int8)]
    public void Everything_near_enough_is_found(VectorStorage storage)
    {
        using var index = Build(storage);
        using var exact = new ExactIndex(Units.Ids(Rows), Vectors, Dimension);
        var (found, wanted) = (0, 0);
        for (var q = 0; q < 30; q++)
        {
            var (truth, hits) = (exact.SearchWithin(Query(q), 0.6f), index.SearchWithin(Query(q), 0.6f, new() { Ef = 50 }));
            Assert.All(hits, hit => Assert.InRange(hit.Cosine, 0.6f, 1.0001f));
            (found, wanted) = (found + hits.Intersect(truth).Count(), wanted + truth.Count);
        }
        Assert.InRange(found / (double)wanted, 0.97, 1);
    }

    [Fact]
    public void Searches_go_on_while_vectors_come_and_go()
    {
        using var index = VectorIndex.Create(Units.Ids(1500), Vectors.AsSpan(0, 1500 * Dimension), Dimension, new() { Kind = VectorIndexKind.Hnsw, EfConstruction = 40 });
        using var stop = new CancellationTokenSource();
        var searching = Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var searched = 0;
            for (var random = new Random(seed); !stop.IsCancellationRequested; searched++)
            {
                var hits = index.Search(Query(random.Next(100)), K, new() { Ef = 16 });
                Assert.Equal(K, hits.Count);
                Assert.Equal(hits.OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Row), hits);
            }
            return searched;
        })).ToArray();
        for (var first = 1500; first < Rows; first += 300)
        {
            index.Add([.. Units.Ids(Rows).Skip(first).Take(300)], Vectors.AsSpan(first * Dimension, 300 * Dimension));
            Assert.Equal(100, index.Remove(Units.Ids(Rows).Skip(first - 300).Take(100)));
        }
        stop.Cancel();
        Assert.All(searching, task => Assert.InRange(task.GetAwaiter().GetResult(), 1, int.MaxValue));
        Assert.Equal(Rows - 500, index.Count);
        Assert.InRange(Recall(index, new() { Ef = 50 }, id => index.Ids.Contains(id)), 0.9, 1);
    }

    [Theory, InlineData(16), InlineData(4)]
    public void Clusters_far_apart_are_found_by_the_way_down_and_no_vector_comes_twice(int m)
    {
        const int rows = 4180, linked = 4000;
        var (centres, vectors) = (Units.Random(5, Dimension, 7), Units.Random(rows, Dimension, 8));
        for (var row = 0; row < rows; row++)
        {
            var vector = vectors.AsSpan(row * Dimension, Dimension);
            TensorPrimitives.MultiplyAdd(vector, 0.2f, centres.AsSpan(row % 5 * Dimension, Dimension), vector);
            Units.Normalize(vector);
        }
        using var folder = new TemporaryFolder();
        using var index = VectorIndex.Create(Units.Ids(linked), vectors.AsSpan(0, linked * Dimension), Dimension, new() { Kind = VectorIndexKind.Hnsw, M = m, EfConstruction = 60 });
        // In small portions, which are not looked over as a whole.
        for (var first = linked; first < rows; first += 60)
        {
            index.Add([.. Units.Ids(rows).Skip(first).Take(60)], vectors.AsSpan(first * Dimension, 60 * Dimension));
            index.Save(folder["part.index"]);
        }

        Assert.Equal(rows, index.State.Graph!.Rows);
        Assert.InRange(index.State.Graph.Loose.Length, 0, rows / 20);
        var itself = 0;
        for (var row = 0; row < rows; row++)
        {
            var hits = index.Search(vectors.AsSpan(row * Dimension, Dimension), K, new() { Ef = 60 });
            Assert.Equal(K, hits.Select(hit => hit.Row).Distinct().Count());
            if (hits[0].Row == row) itself++;
        }
        Assert.InRange(itself, rows * 0.99, rows);
    }

    [Theory, InlineData(VectorStorage.Fp32), InlineData(VectorStorage.Int8)]
    public void Vectors_behind_many_that_were_replaced_are_found_by_the_graph(VectorStorage storage)
    {
        const int rows = 1000, rounds = 10;
        var options = new VectorIndexOptions { Kind = VectorIndexKind.Hnsw, Storage = storage, EfConstruction = 60 };
        var (ids, older) = (Units.Ids(rows), Units.Random(rows, Dimension, 3));
        // As a list of photos that has each several times, more than a batch of them, and as an index that is filled, and filled again before it links.
        using var listed = VectorIndex.Create(Enumerable.Range(0, (rounds + 1) * rows).Select(i => (ids[i % rows], new ReadOnlyMemory<float>(i < rounds * rows ? older : Vectors, i % rows * Dimension, Dimension))), Dimension, options);
        using var filled = VectorIndex.Create([], [], Dimension, options);
        filled.Add(ids, older);
        filled.Add(ids, Vectors.AsSpan(0, rows * Dimension));
        foreach (var index in (VectorIndex[])[listed, filled])
        {
            Assert.Equal((rows, rows, index.State.Rows), (index.Count, index.State.Graph!.CountLinked(), index.State.Graph.Rows));
            for (var row = 0; row < rows; row++) Assert.Equal($"id{row}", index.Search(Vectors.AsSpan(row * Dimension, Dimension), 1, new() { Ef = 40 }).Single().Id);
        }
    }

    [Fact]
    public void Everything_near_enough_is_found_where_codes_are_coarse()
    {
        // A large first value and many small ones, which a query's codes round to nothing: its own copies come behind vectors that have the large value alone.
        const int rows = 500, dimension = 2000, decoys = 450;
        var (random, vectors) = (new Random(4), new float[rows * dimension]);
        for (var row = 0; row < rows; row++)
        {
            var vector = vectors.AsSpan(row * dimension, dimension);
            for (var d = 1; d < dimension; d++) vector[d] = (row < decoys ? 0 : 0.49f / 63) + 1e-5f * random.NextSingle();
            vector[0] = 1;
            Units.Normalize(vector);
        }
        using var index = VectorIndex.Create(Units.Ids(rows), vectors, dimension, new() { Kind = VectorIndexKind.Hnsw, Storage = VectorStorage.Int8, EfConstruction = 40 });
        Assert.Equal(Units.Ids(rows)[decoys..], index.SearchWithin(vectors.AsSpan(decoys * dimension, dimension), 0.99f, new() { Ef = 8 }).OrderBy(hit => hit.Row).Select(hit => hit.Id));
    }

    internal static VectorIndex Build(VectorStorage storage, VectorIndexOptions? options = null) =>
        VectorIndex.Create(Units.Ids(Rows), Vectors, Dimension, (options ?? new()) with { Kind = VectorIndexKind.Hnsw, Storage = storage, EfConstruction = 60 });

    internal static ReadOnlySpan<float> Query(int query) => Queries.AsSpan(query * Dimension, Dimension);

    internal static void AssertSameGraph(VectorIndex expected, VectorIndex index)
    {
        var (a, b) = (expected.State.Graph!, index.State.Graph!);
        Assert.Equal((a.Rows, a.Entry, a.Top), (b.Rows, b.Entry, b.Top));
        Assert.Equal(Links(expected), Links(index));
        Assert.Equal(a.Loose, b.Loose);
        Assert.Equal(a.Twins.OrderBy(pair => pair.Key), b.Twins.OrderBy(pair => pair.Key));
    }

    private static List<int> Links(VectorIndex index)
    {
        var (graph, links) = (index.State.Graph!, new List<int>());
        for (var row = 0; row < graph.Rows; row++)
            for (var layer = LayeredGraph.Level(index.Options.Seed, row, graph.M); layer >= 0; layer--) links.AddRange([.. graph.Neighbours(row, layer), -1]);
        return links;
    }

    private static double Recall(VectorIndex index, SearchOptions options, Func<string, bool>? where = null)
    {
        using var exact = new ExactIndex(Units.Ids(Rows), Vectors, Dimension);
        var found = 0;
        for (var q = 0; q < 100; q++) found += index.Search(Query(q), K, options).Select(hit => hit.Id).Intersect(exact.Search(Query(q), K, new() { Where = where }).Select(hit => hit.Id)).Count();
        return found / (100.0 * K);
    }
}
