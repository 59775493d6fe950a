using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class SeenUnseenCurveTests
{
    // Labels at 0° (cat, seen), 90° (dog, seen), 45° (fox, unseen).
    private static EvaluationInput Circle(params LabelledEmbedding[] images) => new()
    {
        Labels = Scenario.LabelsAt(("cat", 0), ("dog", 90), ("fox", 45)),
        Seen = ["cat", "dog"],
        Unseen = ["fox"],
        Images = images,
    };

    [Fact]
    public void A_case_worked_by_hand()
    {
        var curve = Evaluator.Run(Circle(
            new("a.jpg", "cat", Split.Valid, Scenario.At(10)), // cos 10° − cos 35° = 0.166: right while γ is at most that
            new("b.jpg", "dog", Split.Valid, Scenario.At(70)), // cos 20° − cos 25° = 0.033
            new("c.jpg", "cat", Split.Valid, Scenario.At(60)), // wrong whatever γ: cos 30° − cos 15° = −0.100
            new("d.jpg", "fox", Split.Test, Scenario.At(25)), // cos 25° − cos 20° = −0.033: right from there on
            new("e.jpg", "fox", Split.Test, Scenario.At(5)))).Report.Generalized!; // cos 5° − cos 40° = 0.230
        // Cat 1 of 2, dog 1 of 1: at first 0.75; d, then b, then a, then e go over.
        Assert.Equal(
            [(0, 0.75), (0.5, 0.75), (0.5, 0.25), (0.5, 0), (1, 0)],
            curve.Curve.Select(point => (point.Unseen, Math.Round(point.Seen, 12))));
        Assert.Equal(0.5 * 0.75, curve.AreaUnderCurve, 1e-12);
        Assert.Equal((0.5, 0.75, 0.6), (curve.Best.Unseen, curve.Best.Seen, Math.Round(curve.Best.Harmonic, 12)));
        Assert.InRange(curve.Best.Gamma, -0.033, 0.033);
        Assert.Equal(-0.1, curve.Curve[0].Gamma, 0.001);
    }

    [Fact]
    public void Images_with_the_same_margin_go_over_together()
    {
        var same = Scenario.At(20);
        var curve = Evaluator.Run(Circle(new("a.jpg", "cat", Split.Valid, same), new("d.jpg", "fox", Split.Test, same))).Report.Generalized!;
        Assert.Equal([(0, 1), (1, 0)], curve.Curve.Select(point => (point.Unseen, point.Seen)));
        // No order among equals: the straight line between the two.
        Assert.Equal(0.5, curve.AreaUnderCurve);
    }

    [Fact]
    public void Many_points_are_thinned_but_the_best_and_the_ends_stay()
    {
        var input = Scenario.Random(seen: 30, unseen: 24, further: 0, noise: 0.9f);
        var images = input.Images.SelectMany(image => Enumerable.Range(0, 6).Select(i => image with { Path = $"{i}/{image.Path}", Embedding = Turned(image.Embedding, i) }));
        var all = input with { Images = [.. images], Intervals = new() { Resamples = 0 } };
        var metrics = Evaluator.Run(all).Report.Generalized!;
        Assert.InRange(metrics.Curve.Count, 200, 256);
        Assert.Contains(metrics.Curve, point => point.Gamma == metrics.Best.Gamma && point.Unseen == metrics.Best.Unseen);
        Assert.Equal(0, metrics.Curve[0].Unseen);
        Assert.Equal(0, metrics.Curve[^1].Seen, 1e-12);
        Assert.Equal(metrics.Curve.OrderBy(point => point.Gamma), metrics.Curve);

        static float[] Turned(float[] vector, int by) => [.. vector.Skip(by), .. vector.Take(by)];
    }
}
