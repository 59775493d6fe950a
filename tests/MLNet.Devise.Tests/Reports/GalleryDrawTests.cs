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
        int[] Images(long seed) => [.. GalleryDraw.Images(_result, seen: true, seed)];
        string[] Classes(long seed) => [.. GalleryDraw.Classes(_result, seen: true, seed)];
        Assert.Equal(Images(1), Images(1));
        Assert.NotEqual(Images(1), Images(2));
        Assert.Equal(Classes(1), Classes(1));
        Assert.NotEqual(Classes(1), Classes(2));
    }
}
