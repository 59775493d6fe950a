using MLNet.Devise.Search;

namespace MLNet.Devise.Tests.Search;

/// <summary>Random work on an index beside the plainest thing that does the same: a dictionary, compared one by one.</summary>
public sealed class IndexPropertyTests : IDisposable
{
    private const int Dimension = 20, Steps = 150;
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(VectorIndexKind.Exact, VectorStorage.Fp32), InlineData(VectorIndexKind.Exact, VectorStorage.Int8)]
    [InlineData(VectorIndexKind.Hnsw, VectorStorage.Fp32), InlineData(VectorIndexKind.Hnsw, VectorStorage.Int8)]
    public void It_holds_what_was_added_and_not_removed(VectorIndexKind kind, VectorStorage storage)
    {
        var (random, pool) = (new Random(77), Units.Clustered(8000, Dimension, clusters: 30, seed: 21));
        var (known, order, next) = (new Dictionary<string, int>(), new List<string>(), 0);
        var (found, wanted) = (0, 0);
        var options = new VectorIndexOptions { Kind = kind, Storage = storage, M = 8, EfConstruction = 40, Ef = 24 };
        var index = VectorIndex.Create([], [], Dimension, options);
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                var what = random.Next(10);
                if (what < 4) Add(random.Next(1, step % 10 == 0 ? 900 : 40));
                else if (what < 6) Remove(random.Next(1, 30));
                else if (what == 6) index = Reopened(index, (IndexLoading)random.Next(3));
                else if (what == 7 && step % 5 == 0) index = Rebuilt(index);
                else Compare();
                Assert.Equal(known.Count, index.Count);
            }
            Compare();
            Assert.Equal(order.Where(known.ContainsKey), index.Ids);
            var (vector, missing) = (new float[Dimension], 0);
            foreach (var (id, row) in known)
            {
                if (!index.TryGet(id, vector)) missing++;
                else Assert.True(vector.AsSpan().SequenceEqual(Vector(row)), id);
            }
            Assert.Equal(0, missing);
            Assert.InRange(found / (double)wanted, kind == VectorIndexKind.Exact ? 1 : 0.9, 1);
        }
        finally { index.Dispose(); }

        ReadOnlySpan<float> Vector(int row) => pool.AsSpan(row * Dimension, Dimension);

        void Add(int count)
        {
            var (ids, vectors) = (new List<string>(), new List<float>());
            for (var i = 0; i < count; i++)
            {
                // New ids mostly, some that are there and some that were removed; now and then a vector that is there already.
                var id = order.Count > 0 && random.Next(4) == 0 ? order[random.Next(order.Count)] : $"photo é{next}";
                if (ids.Contains(id)) continue;
                var row = random.Next(6) == 0 ? random.Next(8000) % Math.Max(1, next) : next++;
                if (row >= 8000) continue;
                ids.Add(id);
                vectors.AddRange(Vector(row));
                order.Remove(id);
                order.Add(id);
                known[id] = row;
            }
            index.Add(ids, vectors.ToArray());
        }

        void Remove(int count)
        {
            var ids = Enumerable.Range(0, count).Where(_ => order.Count > 0).Select(_ => order[random.Next(order.Count)]).Append("never there").Distinct().ToArray();
            Assert.Equal(ids.Count(known.ContainsKey), index.Remove(ids));
            foreach (var id in ids) known.Remove(id);
        }

        void Compare()
        {
            for (var q = 0; q < 4; q++)
            {
                var (query, k) = (random.Next(8000), random.Next(1, 20));
                var all = Enumerable.ToHashSet(known.Keys.Where(_ => random.Next(3) > 0));
                var search = new SearchOptions { Where = q % 2 == 0 ? null : all.Contains };
                var cosines = Units.Naive(pool, Dimension, Vector(query), 8000).ToDictionary(hit => hit.Row, hit => hit.Cosine);
                var truth = order.Where(id => known.ContainsKey(id) && (search.Where is null || all.Contains(id))).Select(id => (Id: id, Cosine: cosines[known[id]])).OrderByDescending(hit => hit.Cosine).Take(k).ToArray();
                var hits = index.Search(Vector(query), k, search);
                Assert.Equal(truth.Length, hits.Count);
                Assert.All(hits, hit => Assert.Equal(cosines[known[hit.Id]], hit.Cosine));
                Assert.Equal(hits.OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Row), hits);
                if (kind == VectorIndexKind.Exact) Assert.Equal(truth, hits.Select(hit => (hit.Id, hit.Cosine)));
                if (search.Where is not null) Assert.All(hits, hit => Assert.Contains(hit.Id, all));
                (found, wanted) = (found + hits.Count(hit => hit.Cosine >= truth[^1].Cosine), wanted + truth.Length);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private VectorIndex Reopened(VectorIndex index, IndexLoading loading)
    {
        index.Save(_folder["kept.index"]);
        index.Dispose();
        return VectorIndex.Open(_folder["kept.index"], new() { Loading = loading, Verify = true });
    }

    private static VectorIndex Rebuilt(VectorIndex index)
    {
        using (index) return index.Rebuild();
    }
}
