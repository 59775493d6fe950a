using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class RankedResultsTests
{
    /// <summary>Ranks of the relevant, from 1.</summary>
    internal static int[] Ranks(params bool[] ranked) => [.. ranked.Index().Where(pair => pair.Item).Select(pair => pair.Index + 1)];

    [Fact]
    public void A_case_worked_by_hand()
    {
        // Relevant at ranks 1, 3 and 6.
        var ranked = Ranks(true, false, true, false, false, true, false);
        Assert.Equal((1, 2 / 5.0, 3 / 10.0), (RankedResults.PrecisionAt(1, ranked), RankedResults.PrecisionAt(5, ranked), RankedResults.PrecisionAt(10, ranked)));
        Assert.Equal((1 / 3.0, 2 / 3.0, 1), (RankedResults.RecallAt(1, ranked), RankedResults.RecallAt(5, ranked), RankedResults.RecallAt(10, ranked)));
        // log2 2 = 1, log2 4 = 2, log2 7 = 2.807…; ideal at 5: 1 + 1 / log2 3 + ½.
        var ideal = 1 + 1 / Math.Log2(3) + 0.5;
        Assert.Equal(1.5 / ideal, RankedResults.NdcgAt(5, ranked), 1e-15);
        Assert.Equal((1.5 + 1 / Math.Log2(7)) / ideal, RankedResults.NdcgAt(7, ranked), 1e-15);
        Assert.Equal(1.0, RankedResults.NdcgAt(1, ranked));
    }

    [Fact]
    public void Nothing_relevant_and_everything_relevant()
    {
        foreach (var k in (int[])[1, 5, 50])
        {
            Assert.Equal((0, 0, 0), (RankedResults.PrecisionAt(k, Ranks(false, false)), RankedResults.RecallAt(k, Ranks(false, false)), RankedResults.NdcgAt(k, Ranks(false, false))));
            Assert.Equal((1, 1), (RankedResults.RecallAt(Math.Max(k, 2), Ranks(true, true)), RankedResults.NdcgAt(k, Ranks(true, true))));
        }
        Assert.Equal(0, RankedResults.NdcgAt(5, []));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public void It_equals_its_naive_twin(int seed)
    {
        var random = new Random(seed);
        bool[] ranked = [.. Enumerable.Range(0, 60).Select(_ => random.Next(4) == 0)];
        var ranks = Ranks(ranked);
        foreach (var k in (int[])[1, 2, 5, 10, 50, 200])
        {
            var first = ranked.Take(k).ToList();
            double Gain(IEnumerable<bool> hits) => hits.Select((hit, i) => hit ? Math.Log(2) / Math.Log(i + 2) : 0).Sum();
            Assert.Equal(first.Count(hit => hit) / (double)k, RankedResults.PrecisionAt(k, ranks), 1e-12);
            Assert.Equal(first.Count(hit => hit) / (double)ranked.Count(hit => hit), RankedResults.RecallAt(k, ranks), 1e-12);
            Assert.Equal(Gain(first) / Gain(ranked.OrderDescending().Take(k)), RankedResults.NdcgAt(k, ranks), 1e-12);
        }
    }
}
