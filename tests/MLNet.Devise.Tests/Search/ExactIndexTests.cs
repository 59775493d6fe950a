using MLNet.Devise.Search;
using MLNet.Devise.Search.Kernels;

namespace MLNet.Devise.Tests.Search;

public sealed class ExactIndexTests
{
    public static TheoryData<int, int, int, VectorStorage> Sizes()
    {
        var data = new TheoryData<int, int, int, VectorStorage>();
        foreach (var storage in Enum.GetValues<VectorStorage>())
            foreach (var (rows, dimension, k) in new[] { (1, 3, 1), (7, 5, 10), (1025, 16, 3), (3000, 300, 200), (3000, 4, 3000), (17_000, 8, 5) })
                data.Add(rows, dimension, k, storage);
        return data;
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Search_finds_what_sorting_everything_finds(int rows, int dimension, int k, VectorStorage storage)
    {
        var (vectors, queries) = (Units.Random(rows, dimension, seed: 1), Units.Random(30, dimension, seed: 2));
        foreach (var kernel in Units.Kernels)
        {
            using var index = VectorIndex.Create(Units.Ids(rows), vectors, dimension, new() { Kind = VectorIndexKind.Exact, Storage = storage, Kernel = kernel });
            var all = index.SearchAll(queries, k);
            for (var q = 0; q < 30; q += kernel == KernelKind.Scalar ? 29 : 1)
            {
                var query = queries.AsMemory(q * dimension, dimension);
                var naive = Units.Naive(vectors, dimension, query.Span, k);
                Assert.Equal(naive, index.Search(query.Span, k));
                Assert.Equal(naive, all[q]);
            }
        }
    }

    [Theory, InlineData(VectorStorage.Fp32), InlineData(VectorStorage.Int8)]
    public void Everything_near_enough_is_found(VectorStorage storage)
    {
        var vectors = Units.Clustered(3000, 48, clusters: 20, seed: 3);
        using var index = VectorIndex.Create(Units.Ids(3000), vectors, 48, new() { Kind = VectorIndexKind.Exact, Storage = storage });
        for (var q = 0; q < 20; q++)
        {
            var query = vectors.AsSpan(q * 48, 48);
            foreach (var minimum in (float[])[-1, 0, 0.5f, 0.9f, 0.999f])
                Assert.Equal(Units.Naive(vectors, 48, query, 3000).Where(hit => hit.Cosine >= minimum), index.SearchWithin(query, minimum));
        }
    }

    [Theory, InlineData(VectorStorage.Fp32), InlineData(VectorStorage.Int8)]
    public void Equal_cosines_come_in_order_of_rows(VectorStorage storage)
    {
        // 600 copies of four vectors: ties everywhere, across blocks and across the pool's overflow.
        var four = new float[] { 1, 0, 0, 1, -1, 0, 0, -1 };
        var vectors = Enumerable.Range(0, 2400).SelectMany(i => four[(i % 4 * 2)..(i % 4 * 2 + 2)]).ToArray();
        using var index = VectorIndex.Create(Units.Ids(2400), vectors, 2, new() { Storage = storage });

        var rows = index.Search([1, 0], 1900).Select(hit => hit.Row);

        // Cosine 1: rows 0 mod 4; cosine ±0: rows 1 and 3 mod 4, together; cosine −1: rows 2 mod 4.
        var all = Enumerable.Range(0, 2400).ToArray();
        Assert.Equal([.. all.Where(i => i % 4 == 0), .. all.Where(i => i % 2 == 1), .. all.Where(i => i % 4 == 2).Take(100)], rows);
    }

    [Fact]
    public void Codes_miss_nothing_even_where_they_are_coarse()
    {
        // One large value and many small ones: the codes of the small ones are nearly all zero.
        var random = new Random(5);
        var vectors = Units.Random(2000, 64, seed: 5);
        for (var row = 0; row < 2000; row++)
        {
            vectors[row * 64 + random.Next(64)] = 20;
            Units.Normalize(vectors.AsSpan(row * 64, 64));
        }
        using var index = VectorIndex.Create(Units.Ids(2000), vectors, 64, new() { Storage = VectorStorage.Int8 });
        for (var row = 0; row < 2000; row += 50) Assert.Equal(Units.Naive(vectors, 64, vectors.AsSpan(row * 64, 64), 10), index.Search(vectors.AsSpan(row * 64, 64), 10));
    }

    [Fact]
    public void Cosines_survive_the_sort_key()
    {
        foreach (var cosine in (float[])[1, 0.5f, float.Epsilon, 0, -float.Epsilon, -0.25f, -1])
        {
            var best = new TopK(1);
            best.Add(cosine, 41);
            Assert.Equal([(cosine, 41)], best.ToSorted());
        }
        Assert.Equal(int.MaxValue, TopK.Row(TopK.Key(0.3f, int.MaxValue)));
    }

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        using var index = new ExactIndex([], [], 3);
        Assert.Empty(index.Search([1, 0, 0], 5));
        Assert.Empty(index.SearchWithin([1, 0, 0], -1));
        Assert.Equal([[]], index.SearchAll(new float[] { 1, 0, 0 }, 5));
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        using var index = new ExactIndex(["a"], [0, 1], 2);
        Assert.Contains("expected 2", Assert.Throws<DeviseInputException>(() => index.Search([1, 0, 0], 1)).Message);
        Assert.Contains("expected 1", Assert.Throws<DeviseInputException>(() => index.Search([2, 0], 1)).Message);
        Assert.Contains("expected 1", Assert.Throws<DeviseInputException>(() => index.Search([float.NaN, 0], 1)).Message);
        Assert.Contains("k: 0", Assert.Throws<DeviseInputException>(() => index.Search([1, 0], 0)).Message);
        Assert.Contains("'b'", Assert.Throws<DeviseInputException>(() => new ExactIndex(["a", "b"], [0, 1, 0, 3], 2)).Message);
        Assert.Contains("2 ids with 3 values", Assert.Throws<DeviseInputException>(() => new ExactIndex(["a", "b"], new float[3], 2)).Message);
        Assert.Contains("'a' comes twice", Assert.Throws<DeviseInputException>(() => new ExactIndex(["a", "a"], [0, 1, 1, 0], 2)).Message);
        Assert.Contains("its id is empty", Assert.Throws<DeviseInputException>(() => index.Add([""], [0, 1])).Message);
        Assert.Throws<DeviseInputException>(() => index.SearchWithin([1, 0], float.NaN));
    }

    [Fact]
    public void An_id_whose_vector_is_replaced_while_a_search_begins_is_found()
    {
        foreach (var kind in (VectorIndexKind[])[VectorIndexKind.Exact, VectorIndexKind.Hnsw])
        {
            using var index = VectorIndex.Create(["a", "b"], [1, 0, 0, 1], 2, new() { Kind = kind });
            var among = new Replacing(() => index.Add(["a"], [0, 1]));
            Assert.Equal(("a", 1f), (index.Search([0, 1], 1, new() { Among = among }).Single().Id, index.Search([0, 1], 1, new() { Among = among }).Single().Cosine));
            Assert.Equal("a", index.SearchWithin([0, 1], 0.9f, new() { Among = among }).Single().Id);
            Assert.Equal("a", index.SearchAll(new float[] { 0, 1 }, 1, new() { Among = among }).Single().Single().Id);
        }
    }

    [Theory, InlineData(VectorIndexKind.Exact), InlineData(VectorIndexKind.Hnsw)]
    public void An_error_of_a_filter_is_thrown_as_it_is_by_batches_too(VectorIndexKind kind)
    {
        var vectors = Units.Random(200, 8, seed: 1);
        using var index = VectorIndex.Create(Units.Ids(200), vectors, 8, new() { Kind = kind });
        Assert.Equal("mine", Assert.Throws<InvalidOperationException>(() => index.SearchAll(vectors, 3, new() { Where = _ => throw new InvalidOperationException("mine"), Threads = 2 })).Message);
    }

    [Fact]
    public async Task The_count_is_one_of_a_moment()
    {
        using var index = VectorIndex.Create(Units.Ids(3), Units.Random(3, 4, 1), 4, new() { Kind = VectorIndexKind.Exact });
        using var stop = new CancellationTokenSource();
        var counting = Task.Run(() =>
        {
            var seen = new HashSet<int>();
            do seen.Add(index.Count);
            while (!stop.IsCancellationRequested);
            return seen;
        });
        var vectors = Units.Random(3, 4, 2);
        for (var i = 0; i < 5000; i++) index.Add(Units.Ids(3), vectors);
        await stop.CancelAsync();
        Assert.Equal(3, Assert.Single(await counting));
    }

    /// <summary>The id 'a', which gets another vector whenever somebody reads it.</summary>
    private sealed class Replacing(Action replace) : IReadOnlyCollection<string>
    {
        public int Count => 1;

        public IEnumerator<string> GetEnumerator()
        {
            replace();
            yield return "a";
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
