using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Percentiles_lie_between_values_linearly()
    {
        Assert.Equal(new Interval(0.1, 3.9), Bootstrap.Percentile([4, 0, 3, 1, 2], 0.95), (a, b) => Math.Abs(a.Low - b.Low) + Math.Abs(a.High - b.High) < 1e-12);
        Assert.Equal(new Interval(1, 3), Bootstrap.Percentile([0, 1, 2, 3, 4], 0.5));
        Assert.Equal(new Interval(7, 7), Bootstrap.Percentile([7], 0.95));
    }

    [Fact]
    public void Every_draw_keeps_the_size_of_every_stratum()
    {
        int[] strata = [3, 1, 3, 3, 8, 1];
        foreach (var (stratum, size) in new (int, int)[] { (3, 3), (1, 2), (8, 1) })
            Assert.All(Bootstrap.Values(strata, new() { Resamples = 50 }, [times => times.Where((_, i) => strata[i] == stratum).Sum()])[0], sum => Assert.Equal(size, sum));
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_another_does_not()
    {
        double[] Draw(long seed) => Bootstrap.Values([0, 0, 0, 0, 0], new() { Seed = seed, Resamples = 20 }, [times => times[0] * 10 + times[1]])[0];
        Assert.Equal(Draw(4), Draw(4));
        Assert.NotEqual(Draw(4), Draw(5));
    }

    [Fact]
    public void A_rate_varies_as_the_binomial_distribution_says()
    {
        // 60 of 200 right: ±1.96 · √(0.3 · 0.7 / 200) = ±0.0635.
        var weights = Enumerable.Range(0, 200).Select(i => i < 60 ? 1 / 200.0 : 0).ToArray();
        var interval = Bootstrap.Intervals(new int[200], new() { Resamples = 20_000 }, [times => times.Zip(weights, (t, w) => t * w).Sum()])[0];
        Assert.Equal(0.2365, interval.Low, 0.006);
        Assert.Equal(0.3635, interval.High, 0.006);
    }

    [Fact]
    public void The_intervals_of_a_report_equal_their_naive_twins()
    {
        var input = Scenario.Random(seen: 6, unseen: 4, further: 3) with { Intervals = new() { Resamples = 60, Seed = 9, Level = 0.8 } };
        var result = Evaluator.Run(input);
        var naive = new NaiveMetrics(input);
        // The draws again, in the documented order: by resample, then by class in label order, then one an image.
        var random = new Random(StableHash.Seed(9, "bootstrap"));
        var draws = Enumerable.Range(0, 60).Select(_ => naive.Known.Select(label => naive.Pool.Where(image => image.Label == label).ToArray())
            .SelectMany(own => own.Select(_ => own[random.Next(own.Length)])).ToArray()).ToArray();

        var best = naive.Pool.ToDictionary(image => image, image => (Margin: naive.Margin(image), Seen: naive.Ranked(image, input.Seen)[0], Unseen: naive.Ranked(image, input.Unseen)[0]));

        Check("seen.top1", draw => Top(draw, true, input.Seen, 1));
        Check("seen.top3", draw => Top(draw, true, input.Seen, 3));
        Check("zeroShot.unseenLabels.top1", draw => Top(draw, false, input.Unseen, 1));
        Check("zeroShot.allLabels.top5", draw => Top(draw, false, naive.Known, 5));
        Check("zeroShot.furtherLabels.top10", draw => Top(draw, false, [.. naive.Known, .. input.Labels.Names.Except(naive.Known)], 10));
        Check("seen.perClassTop1", draw => PerClass(draw, true, 0, input.Seen));
        Check("zeroShot.unseenLabels.perClassTop1", draw => PerClass(draw, false, 0, input.Unseen));
        Check("generalized.harmonic", draw => Harmonic(draw, 0));
        Check("generalized.calibrated.unseen", draw => PerClass(draw, false, 0.2f, naive.Known));
        Check("generalized.calibrated.harmonic", draw => Harmonic(draw, 0.2f));
        Check("generalized.areaUnderCurve", Area);
        Assert.Equal((0.8, 60, 9), (result.Report.Intervals!.Level, result.Report.Intervals.Resamples, result.Report.Intervals.Seed));
        Assert.All(result.Report.Intervals.Values, pair => Assert.True(pair.Value.Low <= pair.Value.High, pair.Key));
        foreach (var name in (string[])["retrieval.textToImage.map", "retrieval.textToImage.precisionAt10", "retrieval.imageToImage.ndcg", "seen.perClassTop5"]) Assert.Contains(name, result.Report.Intervals.Values.Keys);

        void Check(string name, Func<LabelledEmbedding[], double> figure)
        {
            var values = draws.Select(figure).Order().ToArray();
            double At(double share) => values[(int)(share * 59)] + (share * 59 - (int)(share * 59)) * (values[(int)(share * 59) + 1] - values[(int)(share * 59)]);
            var actual = result.Report.Intervals!.Values[name];
            Assert.Equal(At(0.1), actual.Low, 1e-9);
            Assert.Equal(At(0.9), actual.High, 1e-9);
        }
        double Top(LabelledEmbedding[] draw, bool seen, IReadOnlyList<string> labels, int k) => naive.Top(k, [.. draw.Where(image => input.Seen.Contains(image.Label) == seen)], labels);
        double PerClass(LabelledEmbedding[] draw, bool seen, float gamma, IReadOnlyList<string> labels) => naive.PerClass(1, [.. draw.Where(image => input.Seen.Contains(image.Label) == seen)], labels, gamma);
        double Harmonic(LabelledEmbedding[] draw, float gamma)
        {
            var (u, s) = (PerClass(draw, false, gamma, naive.Known), PerClass(draw, true, gamma, naive.Known));
            return u + s > 0 ? 2 * u * s / (u + s) : 0;
        }
        double Area(LabelledEmbedding[] draw)
        {
            var margins = draw.Select(image => best[image].Margin).Distinct().Order().ToArray();
            double[] gammas = [margins[0] - 1, .. margins.Zip(margins.Skip(1), (a, b) => (a + b) / 2), margins[^1] + 1];
            var points = gammas.Select(gamma => (U: PerClassAt(draw, false, gamma), S: PerClassAt(draw, true, gamma))).ToArray();
            return points.Zip(points.Skip(1), (a, b) => (b.U - a.U) * (a.S + b.S) / 2).Sum();
        }
        double PerClassAt(LabelledEmbedding[] draw, bool seen, double gamma) => draw.Where(image => input.Seen.Contains(image.Label) == seen).GroupBy(image => image.Label)
            .Average(own => own.Average(image => (gamma <= best[image].Margin ? best[image].Seen : best[image].Unseen) == image.Label ? 1.0 : 0));
    }

    [Fact]
    public void Intervals_can_be_left_out_and_options_are_checked()
    {
        var input = Scenario.Random(3, 2, 0);
        Assert.Null(Evaluator.Run(input with { Intervals = new() { Resamples = 0 } }).Report.Intervals);
        Assert.Contains("resamples: -1", Assert.Throws<DeviseInputException>(() => Evaluator.Run(input with { Intervals = new() { Resamples = -1 } })).Message);
        foreach (var level in (double[])[0, 1, double.NaN])
            Assert.Contains("level", Assert.Throws<DeviseInputException>(() => Evaluator.Run(input with { Intervals = new() { Level = level } })).Message);
    }
}
