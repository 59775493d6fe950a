using MLNet.Devise.Search;

namespace MLNet.Devise.Tests.Search;

public sealed class TopKTests
{
    [Fact]
    public void It_picks_what_a_stable_sort_puts_first()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            // Few distinct values, so that ties are common; both zeros, both signs, tiny and infinite ones among them.
            float[] values = [-0f, 0f, 0.5f, -0.5f, float.Epsilon, -float.Epsilon, 1, -1, float.PositiveInfinity, float.NegativeInfinity, random.NextSingle(), -random.NextSingle()];
            var scores = Enumerable.Range(0, random.Next(1, 40)).Select(_ => values[random.Next(values.Length)]).ToArray();
            var k = random.Next(1, scores.Length + 1);
            Assert.Equal(Naive(scores, k), Pick(scores, k));
        }
    }

    [Fact]
    public void Equal_scores_come_in_order_of_index() => Assert.Equal([1, 3, 4, 0], Pick([0.1f, 0.7f, 0.1f, 0.7f, 0.7f], 4));

    private static int[] Pick(float[] scores, int k)
    {
        // Buffers are reused from row to row, so leave old ranks in them.
        var ranks = Enumerable.Repeat(ulong.MaxValue, k).ToArray();
        TopK.Pick(scores, ranks);
        return [.. ranks.Select(TopK.Row)];
    }

    /// <summary>LINQ's sort is stable: equal scores stay in order of index.</summary>
    private static int[] Naive(float[] scores, int k) => [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i] + 0f).Take(k)];
}
