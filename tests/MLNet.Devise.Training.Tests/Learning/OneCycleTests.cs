using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class OneCycleTests
{
    private static readonly OneCycleOptions Options = new();

    [Fact]
    public void Starts_at_a_25th_peaks_at_30_percent_and_ends_near_nothing()
    {
        var (rate, momentum) = OneCycle.At(0, 100, Options);
        Assert.Equal(1 / 25.0, rate, 12);
        Assert.Equal(0.95, momentum, 12);
        (rate, momentum) = OneCycle.At(30, 100, Options);
        Assert.Equal(1, rate, 12);
        Assert.Equal(0.85, momentum, 12);
        (rate, momentum) = OneCycle.At(100, 100, Options);
        Assert.Equal(1 / 25e4, rate, 12);
        Assert.Equal(0.95, momentum, 12);
    }

    [Fact]
    public void Is_half_way_in_the_middle_of_each_part()
    {
        Assert.Equal((1 + 1 / 25.0) / 2, OneCycle.At(15, 100, Options).Rate, 12);
        Assert.Equal((1 + 1 / 25e4) / 2, OneCycle.At(65, 100, Options).Rate, 12);
        Assert.Equal(0.90, OneCycle.At(15, 100, Options).Momentum, 12);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(7), InlineData(1000)]
    public void Stays_in_range_for_any_length(int total)
    {
        for (var step = 0; step < total; step++)
        {
            var (rate, momentum) = OneCycle.At(step, total, Options);
            Assert.InRange(rate, 1 / 25e4, 1 + 1e-12);
            Assert.InRange(momentum, 0.85 - 1e-12, 0.95 + 1e-12);
        }
    }

    [Fact]
    public void Rates_spread_geometrically_over_groups()
    {
        Assert.Equal([1e-5, 1e-4], OneCycle.Spread(1e-5, 1e-4, 2).Select(rate => Math.Round(rate, 12)));
        Assert.Equal([1, 10, 100, 1000], OneCycle.Spread(1, 1000, 4).Select(rate => Math.Round(rate, 9)));
        Assert.Equal([5], OneCycle.Spread(1, 5, 1));
    }
}
