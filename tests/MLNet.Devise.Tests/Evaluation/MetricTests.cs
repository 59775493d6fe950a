using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

/// <summary>Cases worked by hand.</summary>
public sealed class MetricTests
{
    [Fact]
    public void Rank_counts_those_ahead_and_earlier_equals()
    {
        Assert.Equal(0, HitRates.Rank([0.9f, 0.5f, 0.1f], 0));
        Assert.Equal(2, HitRates.Rank([0.9f, 0.5f, 0.1f], 2));
        Assert.Equal(0, HitRates.Rank([0.5f, 0.5f, 0.5f], 0));
        Assert.Equal(2, HitRates.Rank([0.5f, 0.5f, 0.5f], 2));
    }

    [Fact]
    public void Every_class_weighs_the_same() =>
        // Class 7: 3 of 4 hit; class 2: 0 of 1. Mean of 0.75 and 0, not 3 of 5.
        Assert.Equal(0.375, HitRates.MeanPerClass([7, 2, 7, 7, 7], i => i is 0 or 2 or 3));

    [Fact]
    public void Average_precision_is_the_mean_of_precisions_at_the_relevant_ranks()
    {
        Assert.Equal((1 / 1.0 + 2 / 3.0 + 3 / 6.0) / 3, RankedResults.AveragePrecision([1, 3, 6]), 1e-15);
        Assert.Equal(0, RankedResults.AveragePrecision([]));
    }

    [Fact]
    public void Precision_at_10_divides_by_10_even_where_fewer_are_stored()
    {
        Assert.Equal(0.2, RankedResults.PrecisionAt(10, [1, 2]));
        Assert.Equal(0.1, RankedResults.PrecisionAt(10, [1, 11]));
    }

    [Fact]
    public void Harmonic_mean_of_nothing_is_0()
    {
        Assert.Equal(0, GeneralizedMetrics.HarmonicMean(0, 0));
        Assert.Equal(0, GeneralizedMetrics.HarmonicMean(0, 0.8));
        Assert.Equal(0.48, GeneralizedMetrics.HarmonicMean(0.4, 0.6), 1e-15);
    }

    [Fact]
    public void Gamma_handicaps_seen_labels_only()
    {
        float[] cosines = [0.9f, 0.8f, 0.7f, 0.6f];
        Assert.Equal(0, GeneralizedMetrics.BestLabel(cosines, seen: 2, gamma: 0));
        Assert.Equal(0, GeneralizedMetrics.BestLabel(cosines, seen: 2, gamma: 0.15));
        Assert.Equal(2, GeneralizedMetrics.BestLabel(cosines, seen: 2, gamma: 0.25));
        Assert.Equal(0, GeneralizedMetrics.BestLabel([0.5f, 0.5f], seen: 1, gamma: 0));
    }

    [Fact]
    public void Five_images_on_a_circle()
    {
        // Labels at 0° (cat, seen), 90° (dog, seen), 45° (fox, unseen).
        var input = new EvaluationInput
        {
            Labels = Scenario.LabelsAt(("cat", 0), ("dog", 90), ("fox", 45)),
            Seen = ["cat", "dog"],
            Unseen = ["fox"],
            Model = Scenario.Model,
            Images =
            [
                new("a.jpg", "cat", Split.Valid, Scenario.At(10)), // cat
                new("b.jpg", "cat", Split.Valid, Scenario.At(51)), // dog; fox when all compete
                new("c.jpg", "dog", Split.Valid, Scenario.At(100)), // dog
                new("d.jpg", "fox", Split.Test, Scenario.At(40)), // fox
                new("e.jpg", "fox", Split.Test, Scenario.At(72)), // dog when all compete
            ],
        };
        var (report, confusion, classes, _, _) = Evaluator.Run(input);

        Assert.Equal((2 / 3.0, 0.75, 1.0), (report.Seen.Top1, report.Seen.PerClassTop1, report.Seen.Top3));
        Assert.Equal((1.0, 0.5, 1.0), (report.ZeroShot!.UnseenLabels.Top1, report.ZeroShot.AllLabels.Top1, report.ZeroShot.AllLabels.Top3));
        Assert.Null(report.ZeroShot.FurtherLabels);
        Assert.Equal((0.5, 0.75, 0.6), (report.Generalized!.Unseen, report.Generalized.Seen, report.Generalized.Harmonic));
        Assert.Null(report.Generalized.Calibrated);
        Assert.Equal([1, 0, 1, 0, 1, 0, 0, 1, 1], confusion.Counts);
        Assert.Equal((0.5, 2, 2), (confusion.Share(0, 2), confusion.MostConfusedWith(0), confusion.Images(0)));
        Assert.Equal(-1, confusion.MostConfusedWith(1));
        Assert.Equal(["fox", null, "dog"], classes.Select(c => c.MostConfusedWith));

        // cat: a d b e c, relevant at 1 and 3. dog: c at 1. fox: d b e a c, at 1 and 3.
        var text = report.Retrieval.TextToImage;
        Assert.Equal(0.5 / 3, text.PrecisionAt10, 1e-12);
        Assert.Equal((5 / 6.0 + 1 + 5 / 6.0) / 3, text.Map, 1e-12);
        Assert.Equal((0.5 / 3, 0.15, 0.2), (text.Chance, text.PrecisionAt10Seen!.Value, text.PrecisionAt10Unseen!.Value), Close);
        // c has no other dog and does not ask. a: d b e c; b: d e a c; d: b a e c; e: b c d a.
        var image = report.Retrieval.ImageToImage;
        Assert.Equal(4, image.Queries);
        Assert.Equal((1 / 2.0 + 1 / 3.0 + 1 / 3.0 + 1 / 3.0) / 4, image.Map, 1e-12);
        Assert.Equal((0.1, 0.1, 0.1), (image.PrecisionAt10, image.PrecisionAt10Ceiling, image.Chance), Close);

        static bool Close((double, double, double) a, (double, double, double) b) =>
            Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) < 1e-12;
    }
}
