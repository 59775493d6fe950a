using System.Text.Json;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private const double Rounding = 1e-12;
    private readonly EvaluationInput _input = Scenario.Random(seen: 9, unseen: 6, further: 5);

    [Fact]
    public void Every_rate_equals_its_naive_twin()
    {
        var naive = new NaiveMetrics(_input);
        var report = Evaluator.Run(_input).Report;

        Same(report.Seen, naive, naive.SeenImages, _input.Seen);
        Same(report.ZeroShot!.UnseenLabels, naive, naive.UnseenImages, _input.Unseen);
        Same(report.ZeroShot.AllLabels, naive, naive.UnseenImages, naive.Known);
        Same(report.ZeroShot.FurtherLabels!, naive, naive.UnseenImages, [.. naive.Known, .. _input.Labels.Names.Except(naive.Known)]);

        static void Same(HitRates rates, NaiveMetrics naive, LabelledEmbedding[] images, IReadOnlyList<string> labels)
        {
            double[] expected =
            [
                naive.Top(1, images, labels), naive.Top(3, images, labels), naive.Top(5, images, labels), naive.Top(10, images, labels),
                naive.PerClass(1, images, labels), naive.PerClass(5, images, labels), naive.PerClass(10, images, labels), images.Length, labels.Count,
            ];
            double[] actual = [rates.Top1, rates.Top3, rates.Top5, rates.Top10, rates.PerClassTop1, rates.PerClassTop5, rates.PerClassTop10, rates.Images, rates.Labels];
            Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < Rounding);
        }
    }

    [Fact]
    public void More_cosines_than_an_array_holds_are_refused_with_their_counts()
    {
        // Of the seen class the test images count, and those of validation do not.
        (string, Split)[] images = [.. Enumerable.Repeat(("unseen", Split.Test), 9_000), .. Enumerable.Repeat(("seen", Split.Test), 1_000), .. Enumerable.Repeat(("seen", Split.Valid), 500)];
        Assert.Equal(Split.Test, EvaluatedImages.CheckRoom(images, ["seen"], 214_748));
        Assert.StartsWith("10000 images and 214749 labels: ", Assert.Throws<DeviseInputException>(() => EvaluatedImages.CheckRoom(images, ["seen"], 214_749)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generalised_zero_shot_equals_its_naive_twin()
    {
        var naive = new NaiveMetrics(_input);
        var metrics = Evaluator.Run(_input).Report.Generalized!;
        (double U, double S) At(float gamma) => (naive.PerClass(1, naive.UnseenImages, naive.Known, gamma), naive.PerClass(1, naive.SeenImages, naive.Known, gamma));

        var (u, s) = At(0);
        Assert.Equal((u, s, 2 * u * s / (u + s)), (metrics.Unseen, metrics.Seen, metrics.Harmonic), Close);
        var (cu, cs) = At(0.2f);
        Assert.Equal((cu, cs, 2 * cu * cs / (cu + cs)), (metrics.Calibrated!.Unseen, metrics.Calibrated.Seen, metrics.Calibrated.Harmonic), Close);
        Assert.Equal(0.2, metrics.Calibrated.Gamma);

        // No γ changes anything but at an image's margin: try one between each two, and one beyond both ends.
        var margins = naive.Pool.Select(naive.Margin).Distinct().Order().ToArray();
        double[] gammas = [margins[0] - 1, .. margins.Zip(margins.Skip(1), (a, b) => (a + b) / 2), margins[^1] + 1];
        var curve = gammas.Select(gamma => naive.SeenUnseen(gamma)).ToArray();
        var area = Enumerable.Range(1, curve.Length - 1).Sum(i => (curve[i].U - curve[i - 1].U) * (curve[i].S + curve[i - 1].S) / 2);
        Assert.Equal(area, metrics.AreaUnderCurve, Rounding);
        Assert.True(area > 0.05, "an area of nothing would check nothing");
        Assert.All(metrics.Curve, point => Assert.Equal(naive.SeenUnseen(point.Gamma), (point.Unseen, point.Seen), Near));
        Assert.Equal(curve.Select(c => c.U + c.S > 0 ? 2 * c.U * c.S / (c.U + c.S) : 0).Max(), metrics.Best.Harmonic, Rounding);
        Assert.Equal((0, 0), (metrics.Curve[0].Unseen, metrics.Curve[^1].Seen), Near);

        static bool Near((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < Rounding;
        static bool Close((double, double, double) a, (double, double, double) b) =>
            Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) < Rounding;
    }

    [Fact]
    public void Retrieval_equals_its_naive_twin()
    {
        var naive = new NaiveMetrics(_input);
        var retrieval = Evaluator.Run(_input).Report.Retrieval;

        var text = naive.TextToImage();
        Assert.Equal(text.At10, retrieval.TextToImage.PrecisionAt10, Rounding);
        Assert.Equal(text.Map, retrieval.TextToImage.Map, Rounding);
        Assert.Equal(text.Ceiling, retrieval.TextToImage.PrecisionAt10Ceiling, Rounding);
        Assert.Equal(15, retrieval.TextToImage.Queries);
        Assert.Equal(retrieval.TextToImage.PrecisionAt10, (9 * retrieval.TextToImage.PrecisionAt10Seen!.Value + 6 * retrieval.TextToImage.PrecisionAt10Unseen!.Value) / 15, Rounding);

        var image = naive.ImageToImage();
        Assert.Equal(image.At10, retrieval.ImageToImage.PrecisionAt10, Rounding);
        Assert.Equal(image.Map, retrieval.ImageToImage.Map, Rounding);
        Assert.Equal(image.Ceiling, retrieval.ImageToImage.PrecisionAt10Ceiling, Rounding);
        Assert.Equal(naive.Pool.Length - 3, retrieval.ImageToImage.Queries);
    }

    [Fact]
    public void The_order_of_the_input_changes_nothing()
    {
        var turned = Evaluator.Run(_input with { Images = [.. _input.Images.Reverse()] });
        var result = Evaluator.Run(_input);
        Assert.Equal(JsonSerializer.Serialize(result.Report), JsonSerializer.Serialize(turned.Report));
        Assert.Equal(JsonSerializer.Serialize(result.Predictions), JsonSerializer.Serialize(turned.Predictions));
        Assert.Equal(result.Confusion.Counts, turned.Confusion.Counts);
        Assert.Equal(result.Classes, turned.Classes);
    }

    [Fact]
    public void Equal_embeddings_rank_by_path_and_equal_labels_by_place()
    {
        // One point in space for everything: only the rules for ties decide.
        var input = _input with
        {
            Labels = Scenario.LabelsAt([.. _input.Labels.Names.Select(name => (name, 0.0))]),
            Images = [.. _input.Images.Select(image => image with { Embedding = Scenario.At(0) })],
        };
        var result = Evaluator.Run(input);
        Assert.Equal(1.0 / 9, result.Report.Seen.PerClassTop1, Rounding);
        Assert.Equal((5 / 9.0, 1.0), (result.Report.Seen.PerClassTop5, result.Report.Seen.Top10));
        Assert.All(Enumerable.Range(0, 15), truth => Assert.Equal(result.Confusion.Images(truth), result.Confusion.Count(truth, 0)));
        Assert.Equal(new NaiveMetrics(input).TextToImage().Map, result.Report.Retrieval.TextToImage.Map, Rounding);
    }

    [Fact]
    public void Seen_images_of_the_test_split_go_before_validation_ones()
    {
        var images = _input.Images.Select(image => image.Path.EndsWith("/0.jpg", StringComparison.Ordinal) ? image with { Split = Split.Test } : image);
        var data = Evaluator.Run(_input with { Images = [.. images] }).Report.Data;
        Assert.Equal(("test", 9), (data.SeenSplit, data.SeenImages));

        var plain = Evaluator.Run(_input with { SkippedImages = 4 }).Report.Data;
        Assert.Equal(new DataCounts(9, 6, 9, new NaiveMetrics(_input).SeenImages.Length, "valid", new NaiveMetrics(_input).UnseenImages.Length, 4), plain);
        Assert.Equal(77, Evaluator.Run(_input with { TrainImages = 77 }).Report.Data.TrainImages);
    }

    [Fact]
    public void Without_unseen_classes_there_is_no_zero_shot()
    {
        var report = Evaluator.Run(Scenario.Random(seen: 5, unseen: 0, further: 0)).Report;
        Assert.Null(report.ZeroShot);
        Assert.Null(report.Generalized);
        Assert.Null(report.Retrieval.TextToImage.PrecisionAt10Unseen);
    }

    [Fact]
    public void Classes_report_their_own_rates()
    {
        var result = Evaluator.Run(_input);
        var naive = new NaiveMetrics(_input);
        Assert.Equal(naive.Known, result.Classes.Select(c => c.Label));
        Assert.All(result.Classes, c =>
        {
            var images = naive.Pool.Where(image => image.Label == c.Label).ToArray();
            Assert.Equal((images.Length, _input.Seen.Contains(c.Label)), (c.Images, c.IsSeen));
            Assert.Equal(naive.Top(1, images, c.IsSeen ? _input.Seen : _input.Unseen), c.Top1, Rounding);
            Assert.Equal(naive.Top(1, images, naive.Known), c.Top1AmongAll, Rounding);
        });
        Assert.Equal(result.Report.Retrieval.TextToImage.PrecisionAt10, result.Classes.Average(c => c.PrecisionAt10), Rounding);
    }

    [Fact]
    public void What_cannot_be_evaluated_is_refused_by_name()
    {
        string Refused(Func<EvaluationInput, EvaluationInput> change) => Assert.Throws<DeviseInputException>(() => Evaluator.Run(change(_input))).Message;
        var first = _input.Images[0];

        Assert.Contains("'yeti'", Refused(input => input with { Images = [first with { Label = "yeti" }] }));
        Assert.Contains(first.Path, Refused(input => input with { Images = [first with { Embedding = [1, 0] }] }));
        Assert.Contains("length 2", Refused(input => input with { Images = [first with { Embedding = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }] }));
        Assert.Contains("'unknown' is not among", Refused(input => input with { Seen = ["unknown"] }));
        Assert.Contains("listed twice", Refused(input => input with { Unseen = [input.Seen[0]] }));
        Assert.Contains("for validation or test", Refused(input => input with { Images = [first with { Split = Split.Train }] }));
        Assert.Contains("gamma", Refused(input => input with { Gamma = double.NaN }));
    }
}
