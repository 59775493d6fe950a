using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class CalibrationTests
{
    [Fact]
    public void A_curve_worked_by_hand()
    {
        // Bins of a fifteenth: 0.5 and 0.52 lie in (7/15, 8/15], 0.9 in (13/15, 14/15], 1 in the last.
        var curve = ReliabilityCurve.Of([0.5, 0.9, 0.52, 1], [true, true, false, false], [0.5, 0.9, 0.25, 0.1], [0.1, 0.2, 0.3, 0.4]);
        Assert.Equal([2, 1, 1], curve.Bins.Select(bin => bin.Images));
        Assert.Equal((7 / 15.0, 8 / 15.0, 0.51, 0.5), (curve.Bins[0].From, curve.Bins[0].To, curve.Bins[0].Confidence, curve.Bins[0].Accuracy));
        Assert.Equal((2 * 0.01 + 0.1 + 1) / 4, curve.Ece, 1e-12);
        Assert.Equal(1, curve.MaximumError, 1e-12);
        Assert.Equal(-(Math.Log(0.5) + Math.Log(0.9) + Math.Log(0.25) + Math.Log(0.1)) / 4, curve.LogLoss, 1e-12);
        Assert.Equal(0.25, curve.Brier, 1e-12);
    }

    [Fact]
    public void Edges_belong_to_the_bin_below()
    {
        Assert.Equal((0, 1 / 15.0), (Only(0).From, Only(0).To));
        Assert.Equal((0, 1 / 15.0), (Only(1 / 15.0).From, Only(1 / 15.0).To));
        Assert.Equal(1, Only(1).To);

        static ReliabilityBin Only(double confidence) => Assert.Single(ReliabilityCurve.Of([confidence], [true], [1], [0]).Bins);
    }

    [Fact]
    public void Validation_images_give_the_temperature_where_test_images_are_measured()
    {
        var input = Scenario.Random(seen: 8, unseen: 5, further: 2);
        var split = input with { Images = [.. input.Images.Select((image, i) => input.Seen.Contains(image.Label) && image.Split == Split.Valid && i % 2 == 0 ? image with { Split = Split.Test } : image)] };
        var report = Evaluator.Run(split).Report.Calibration;
        Assert.Equal("valid", report.FittedOn);
        var valid = split.Images.Where(image => image.Split == Split.Valid && input.Seen.Contains(image.Label)).ToArray();
        var fitted = Fit(input, valid);
        Assert.Equal(fitted, report.Temperature, fitted * 1e-3);
        Check(input, split.Images.Where(image => image.Split == Split.Test && input.Seen.Contains(image.Label)), input.Seen, _ => report.Temperature, report.Seen);
        Check(input, split.Images.Where(image => input.Unseen.Contains(image.Label)), input.Unseen, _ => report.Temperature, report.Unseen!);
    }

    [Fact]
    public void Without_test_images_each_half_gets_the_others_temperature()
    {
        var input = Scenario.Random(seen: 8, unseen: 5, further: 2);
        var result = Evaluator.Run(input);
        var report = result.Report.Calibration;
        Assert.Equal("halves", report.FittedOn);
        var naive = new NaiveMetrics(input);
        var first = input.Seen.SelectMany(label => naive.SeenImages.Where(image => image.Label == label).Where((_, i) => i % 2 == 0)).ToHashSet();
        var (ofFirst, ofSecond) = (Fit(input, [.. first]), Fit(input, [.. naive.SeenImages.Where(image => !first.Contains(image))]));
        Assert.NotEqual(ofFirst, ofSecond, 1e-3);
        // Our search and the product's end within a thousandth of each other, which moves probabilities that little.
        Check(input, naive.SeenImages, input.Seen, image => first.Contains(image) ? ofSecond : ofFirst, report.Seen, 2e-3);
        Check(input, naive.UnseenImages, input.Unseen, _ => report.Temperature, report.Unseen!);
        var confident = result.Predictions.Single(p => p.Path == naive.UnseenImages[0].Path);
        Assert.Equal(Probabilities(input, naive.UnseenImages[0], input.Unseen, report.Temperature).Max(), confident.Confidence, 1e-9);
    }

    [Fact]
    public void One_image_a_class_cannot_be_halved()
    {
        var input = Scenario.Random(seen: 4, unseen: 2, further: 0);
        var one = input with { Images = [.. input.Images.Where(image => image.Split != Split.Valid || image.Path.EndsWith("/0.jpg", StringComparison.Ordinal))] };
        Assert.Equal("same", Evaluator.Run(one).Report.Calibration.FittedOn);
    }

    private static double[] Probabilities(EvaluationInput input, LabelledEmbedding image, IReadOnlyList<string> labels, double temperature) =>
        Softmax([.. labels.Select(label => (double)new NaiveMetrics(input).Cosine(image, label))], temperature);

    private static double[] Softmax(double[] cosines, double temperature)
    {
        var powers = cosines.Select(cosine => Math.Exp(cosine / temperature)).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }

    private static void Check(EvaluationInput input, IEnumerable<LabelledEmbedding> images, IReadOnlyList<string> labels, Func<LabelledEmbedding, double> temperature, ReliabilityCurve curve, double near = 1e-9)
    {
        var (bins, logLoss, brier, count) = (Enumerable.Range(0, 15).Select(_ => new List<(double Confidence, bool Right)>()).ToArray(), 0.0, 0.0, 0);
        foreach (var image in images)
        {
            var probabilities = Probabilities(input, image, labels, temperature(image));
            var truth = labels.ToList().IndexOf(image.Label);
            var best = Array.IndexOf(probabilities, probabilities.Max());
            var bin = 0;
            while (probabilities[best] > (bin + 1) / 15.0) bin++;
            bins[bin].Add((probabilities[best], best == truth));
            logLoss -= Math.Log(probabilities[truth]);
            for (var i = 0; i < labels.Count; i++) brier += Math.Pow(probabilities[i] - (i == truth ? 1 : 0), 2);
            count++;
        }
        Assert.Equal(logLoss / count, curve.LogLoss, near);
        Assert.Equal(brier / count, curve.Brier, near);
        if (near > 1e-6) return;
        Assert.Equal(bins.Where(bin => bin.Count > 0).Sum(bin => bin.Count * Math.Abs(bin.Average(b => b.Confidence) - bin.Average(b => b.Right ? 1.0 : 0))) / count, curve.Ece, near);
        Assert.Equal(bins.Where(bin => bin.Count > 0).Select(bin => bin.Count), curve.Bins.Select(bin => bin.Images));
    }

    /// <summary>The temperature of the lowest log loss, by trying finer and finer grids.</summary>
    private static double Fit(EvaluationInput input, LabelledEmbedding[] images)
    {
        var naive = new NaiveMetrics(input);
        var rows = images.Select(image => (Cosines: input.Seen.Select(label => (double)naive.Cosine(image, label)).ToArray(), Truth: input.Seen.ToList().IndexOf(image.Label))).ToArray();
        double Loss(double temperature) => rows.Average(row => -Math.Log(Softmax(row.Cosines, temperature)[row.Truth]));
        var (low, high) = (-5.0, 3.0);
        for (var round = 0; round < 8; round++)
        {
            var grid = Enumerable.Range(0, 21).Select(i => low + (high - low) * i / 20).ToArray();
            var best = grid.MinBy(log => Loss(Math.Exp(log)));
            (low, high) = (best - (high - low) / 20, best + (high - low) / 20);
        }
        return Math.Exp((low + high) / 2);
    }
}
