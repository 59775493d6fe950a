using System.Numerics.Tensors;
using MLNet.Devise.Search;

namespace MLNet.Devise.Tests.Search;

public sealed class ExactIndexTests
{
    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(7, 5, 10)]
    [InlineData(1025, 16, 3)]
    [InlineData(3000, 300, 200)]
    [InlineData(3000, 4, 3000)]
    public void Search_finds_what_sorting_everything_finds(int rows, int dimension, int k)
    {
        var (vectors, query) = (Units.Random(rows, dimension, seed: 1), Units.Random(1, dimension, seed: 2));
        var index = new ExactIndex([.. Enumerable.Range(0, rows).Select(row => $"id{row}")], vectors, dimension);

        var naive = Enumerable.Range(0, rows)
            .Select(row => new SearchHit(row, $"id{row}", TensorPrimitives.Dot<float>(query, vectors.AsSpan(row * dimension, dimension))))
            .OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Row).Take(k);

        Assert.Equal(naive, index.Search(query, k));
    }

    [Fact]
    public void Equal_cosines_come_in_order_of_rows()
    {
        // 600 copies of four vectors: ties everywhere, across blocks and across the pool's overflow.
        var four = new float[] { 1, 0, 0, 1, -1, 0, 0, -1 };
        var vectors = Enumerable.Range(0, 2400).SelectMany(i => four[(i % 4 * 2)..(i % 4 * 2 + 2)]).ToArray();
        var index = new ExactIndex([.. Enumerable.Range(0, 2400).Select(row => $"{row}")], vectors, 2);

        var rows = index.Search([1, 0], 1900).Select(hit => hit.Row);

        // Cosine 1: rows 0 mod 4; cosine ±0: rows 1 and 3 mod 4, together; cosine −1: rows 2 mod 4.
        var all = Enumerable.Range(0, 2400).ToArray();
        Assert.Equal([.. all.Where(i => i % 4 == 0), .. all.Where(i => i % 2 == 1), .. all.Where(i => i % 4 == 2).Take(100)], rows);
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
    public void An_empty_index_finds_nothing() => Assert.Empty(new ExactIndex([], Array.Empty<float>(), 3).Search([1, 0, 0], 5));

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        var index = new ExactIndex(["a"], new float[] { 0, 1 }, 2);
        Assert.Contains("expected 2", Assert.Throws<DeviseInputException>(() => index.Search([1, 0, 0], 1)).Message);
        Assert.Contains("expected 1", Assert.Throws<DeviseInputException>(() => index.Search([2, 0], 1)).Message);
        Assert.Contains("expected 1", Assert.Throws<DeviseInputException>(() => index.Search([float.NaN, 0], 1)).Message);
        Assert.Contains("k: 0", Assert.Throws<DeviseInputException>(() => index.Search([1, 0], 0)).Message);
        Assert.Contains("'b'", Assert.Throws<DeviseInputException>(() => new ExactIndex(["a", "b"], new float[] { 0, 1, 0, 3 }, 2)).Message);
        Assert.Contains("2 ids with 3 values", Assert.Throws<DeviseInputException>(() => new ExactIndex(["a", "b"], new float[3], 2)).Message);
    }
}
