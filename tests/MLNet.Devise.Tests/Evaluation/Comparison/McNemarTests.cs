using System.Numerics;
using MLNet.Devise.Evaluation.Comparison;

namespace MLNet.Devise.Tests.Evaluation.Comparison;

public sealed class McNemarTests
{
    [Fact]
    public void The_published_example()
    {
        // Fagerland et al. 2013, table 1 (airway hyper-responsiveness): 1 and 7 disagreements, exact p 0.0703, mid-p 0.0391.
        var test = McNemarTest.Of(1, 7);
        Assert.Equal(2 * (1 + 8) / 256.0, test.Exact, 1e-15);
        Assert.Equal((2 * (1 + 8) - 8) / 256.0, test.MidP, 1e-15);
        Assert.Equal((test.Exact, test.MidP), (McNemarTest.Of(7, 1).Exact, McNemarTest.Of(7, 1).MidP));
    }

    [Fact]
    public void As_many_on_either_side_say_nothing()
    {
        Assert.Equal((1, 1), (McNemarTest.Of(0, 0).Exact, McNemarTest.Of(0, 0).MidP));
        Assert.Equal(1, McNemarTest.Of(2, 2).Exact);
        Assert.Equal(1 - 6 / 16.0 / 2, McNemarTest.Of(2, 2).MidP, 1e-15);
    }

    [Fact]
    public void Outcomes_are_counted_where_they_differ() =>
        Assert.Equal((2, 1), (McNemarTest.Of([(true, false), (false, true), (true, true), (false, false), (true, false)]).OnlyFirst, McNemarTest.Of([(true, false), (false, true), (true, true)]).OnlySecond));

    [Theory]
    [InlineData(0, 5), InlineData(3, 9), InlineData(40, 61), InlineData(700, 800), InlineData(1500, 1480)]
    public void It_equals_its_naive_twin_in_whole_numbers(int first, int second)
    {
        var (few, all) = (Math.Min(first, second), first + second);
        BigInteger choose = 1, sum = 0;
        for (var k = 0; k <= few; k++)
        {
            sum += choose;
            if (k < few) choose = choose * (all - k) / (k + 1);
        }
        double Share(BigInteger count) => Math.Exp(BigInteger.Log(count) - all * Math.Log(2));
        var test = McNemarTest.Of(first, second);
        Assert.Equal(Math.Min(1, 2 * Share(sum)), test.Exact, 1e-9);
        Assert.Equal(Math.Min(1, Share(2 * sum - choose)), test.MidP, 1e-9);
    }

    [Fact]
    public void Holm_worked_by_hand() =>
        // Sorted: 0.01 · 4, 0.02 · 3, 0.03 · 2 = 0.06 (not below the one before), 0.04 · 1 → 0.06.
        Assert.Equal([0.06, 0.04, 0.06, 0.06], McNemarTest.Holm([0.04, 0.01, 0.02, 0.03]).Select(p => Math.Round(p, 12)));
}
