using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Tests.Scoring.Engine;

public sealed class EngineLayoutTests
{
    [Theory]
    [InlineData(null, null, 8, 8, 1)]
    [InlineData(2, null, 8, 2, 4)]
    [InlineData(null, 4, 8, 2, 4)]
    [InlineData(null, 16, 8, 1, 16)]
    [InlineData(3, 5, 8, 3, 5)]
    public void Processors_are_shared_among_workers(int? workers, int? intraOp, int processors, int expectedWorkers, int expectedIntraOp)
    {
        var layout = EngineLayout.Of(workers, intraOp, null, processors, 224, 0);
        Assert.Equal((expectedWorkers, expectedIntraOp), (layout.Workers, layout.IntraOpThreads));
    }

    [Theory]
    [InlineData(224, 5 << 20, 1)] // SqueezeNet: an image fills the cache
    [InlineData(64, 5 << 20, 4)]
    [InlineData(128, 5 << 20, 3)]
    [InlineData(224, 88 << 20, 4)] // ResNet34: its weights are worth sharing
    [InlineData(1, 0, 4)]
    public void A_run_takes_what_stays_in_the_cache(int side, int networkBytes, int expected)
    {
        Assert.Equal(expected, EngineLayout.Of(null, null, null, 2, side, networkBytes).BatchSize);
        Assert.Equal(9, EngineLayout.Of(null, null, 9, 2, side, networkBytes).BatchSize);
    }

    [Fact]
    public void Numbers_are_checked() => Assert.Contains("batchSize: 0", Assert.Throws<DeviseInputException>(() => EngineLayout.Of(null, null, 0, 2, 224, 0)).Message, StringComparison.Ordinal);
}
