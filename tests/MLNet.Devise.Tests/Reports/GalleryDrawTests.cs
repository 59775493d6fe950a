using MLNet.Devise.Evaluation;
using MLNet.Devise.Reports.Pages;
using MLNet.Devise.Tests.Evaluation;

namespace MLNet.Devise.Tests.Reports;

public sealed class GalleryDrawTests
{
    private readonly EvaluationResult _result = Evaluator.Run(Scenario.Random(seen: 8, unseen: 5, further: 0));

    [Fact]
    public void Every_class_comes_once_before_any_comes_twice()
    {
        var drawn = GalleryDraw.Images(_result, seen: true, seed: 3).Select(i => _result.Images[i].Label).ToArray();
        Assert.Equal(8, drawn.Take(8).Distinct().Count());
        Assert.Equal(_result.Report.Data.SeenImages, drawn.Length);
        Assert.Equal(drawn.Length, GalleryDraw.Images(_result, seen: true, seed: 3).Distinct().Count());
    }

    [Fact]
    public void Kinds_do_not_mix()
    {
        Assert.All(GalleryDraw.Images(_result, seen: false, seed: 0), i => Assert.True(i >= _result.Report.Data.SeenImages));
        Assert.Equal(5, GalleryDraw.Classes(_result, seen: false, seed: 0).Count());
    }

    [Fact]
    public void The_seed_alone_decides()
    {
        int[] Draw(long seed) => [.. GalleryDraw.Images(_result, seen: true, seed)];
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
    }
}
