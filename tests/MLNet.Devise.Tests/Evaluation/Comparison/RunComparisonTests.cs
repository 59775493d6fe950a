using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Comparison;

namespace MLNet.Devise.Tests.Evaluation.Comparison;

public sealed class RunComparisonTests : IDisposable
{
    private static readonly BootstrapOptions Draws = new() { Resamples = 50, Seed = 3, Level = 0.9 };
    private readonly TemporaryFolder _folder = new();

    /// <summary>Two models of the same images: the labels lie alike, the second's images farther off.</summary>
    private static EvaluationInput[] Inputs { get; } = [Scenario.Random(8, 5, 0, noise: 0.6f, gamma: 0.1), Scenario.Random(8, 5, 0, noise: 0.9f, gamma: 0.3)];

    private static EvaluatedRun[] Runs { get; } = [.. Inputs.Select((input, i) => Run($"run{i}", input))];

    [Fact]
    public void Values_are_those_of_each_evaluation()
    {
        var comparison = RunComparison.Of(Runs, Draws);
        Assert.Equal(Runs[0].Predictions.Count, comparison.Images);
        for (var run = 0; run < 2; run++)
        {
            var report = Runs[run].Report;
            foreach (var (key, value) in new (string, double)[]
            {
                ("seen.top1", report.Seen.Top1), ("seen.top3", report.Seen.Top3), ("seen.perClassTop1", report.Seen.PerClassTop1), ("zeroShot.unseenLabels.top1", report.ZeroShot!.UnseenLabels.Top1),
                ("zeroShot.unseenLabels.perClassTop1", report.ZeroShot.UnseenLabels.PerClassTop1), ("zeroShot.allLabels.top5", report.ZeroShot.AllLabels.Top5), ("zeroShot.allLabels.top10", report.ZeroShot.AllLabels.Top10),
                ("generalized.unseen", report.Generalized!.Unseen), ("generalized.seen", report.Generalized.Seen), ("generalized.harmonic", report.Generalized.Harmonic),
                ("generalized.calibrated.unseen", report.Generalized.Calibrated!.Unseen), ("generalized.calibrated.seen", report.Generalized.Calibrated.Seen), ("generalized.calibrated.harmonic", report.Generalized.Calibrated.Harmonic),
            })
                Assert.Equal(value, comparison.Figures.Single(figure => figure.Key == key).Values[run], 1e-12);
            Assert.Equal(Runs[run].Predictions.Where(p => p.IsSeen).Average(p => p.Loss), comparison.Figures.Single(figure => figure.Key == "seen.loss").Values[run], 1e-12);
        }
        Assert.All(comparison.Figures, figure => Assert.Equal(figure.Values[1] - figure.Values[0], Assert.Single(figure.Differences).Value));
        Assert.True(comparison.Figures[0].Differences[0].Value < 0, "the second model should be worse, or the test shows nothing");
    }

    [Fact]
    public void Differences_equal_their_naive_twin()
    {
        var comparison = RunComparison.Of(Runs, Draws);
        // Classes in the order of their first image: seen ones, then unseen ones, by path.
        var rows = Runs[0].Predictions.OrderBy(p => !p.IsSeen).ThenBy(p => p.Path, StringComparer.Ordinal).ToArray();
        var classes = rows.Select(p => p.Label).Distinct().Select(label => rows.Where(p => p.Label == label).Select(p => p.Path).ToArray()).ToArray();
        var random = new Random(StableHash.Seed(3, "bootstrap"));
        var draws = Enumerable.Range(0, 50).Select(_ => classes.SelectMany(own => own.Select(_ => own[random.Next(own.Length)])).ToArray()).ToArray();
        Check("seen.top1", draw => draw.Where(p => p.IsSeen).Average(p => p.RankOwn == 1 ? 1.0 : 0));
        Check("zeroShot.unseenLabels.perClassTop1", draw => draw.Where(p => !p.IsSeen).GroupBy(p => p.Label).Average(own => own.Average(p => p.RankOwn == 1 ? 1.0 : 0)));
        Check("zeroShot.loss", draw => draw.Where(p => !p.IsSeen).Average(p => p.Loss));
        Check("generalized.harmonic", draw =>
        {
            double PerClass(bool seen) => draw.Where(p => p.IsSeen == seen).GroupBy(p => p.Label).Average(own => own.Average(p => p.RankAll == 1 ? 1.0 : 0));
            var (u, s) = (PerClass(false), PerClass(true));
            return u + s > 0 ? 2 * u * s / (u + s) : 0;
        });

        void Check(string key, Func<ImagePrediction[], double> figure)
        {
            double[] Values(int run) => [.. draws.Select(draw => figure([.. draw.Select(path => Runs[run].Predictions.Single(p => p.Path == path))]))];
            var (first, second) = (Values(0), Values(1));
            var actual = comparison.Figures.Single(each => each.Key == key);
            Same(first, actual.Intervals[0]);
            Same([.. second.Zip(first, (b, a) => b - a)], actual.Differences[0].Interval);
        }
        static void Same(double[] values, Interval interval)
        {
            var sorted = values.Order().ToArray();
            double At(double place) => sorted[(int)place] + (place - (int)place) * (sorted[(int)place + 1] - sorted[(int)place]);
            Assert.Equal(At(0.05 * 49), interval.Low, 1e-9);
            Assert.Equal(At(0.95 * 49), interval.High, 1e-9);
        }
    }

    [Fact]
    public void Tests_count_answers_and_classes_their_gains()
    {
        var comparison = RunComparison.Of(Runs, Draws);
        var pairs = Runs[0].Predictions.Select(a => (A: a, B: Runs[1].Predictions.Single(b => b.Path == a.Path))).ToArray();
        var seen = comparison.Tests.Single(test => test.Key == "seen.top1").Test;
        Assert.Equal(pairs.Count(pair => pair.A.IsSeen && pair.A.RankOwn == 1 && pair.B.RankOwn > 1), seen.OnlyFirst);
        Assert.Equal(pairs.Count(pair => pair.A.IsSeen && pair.A.RankOwn > 1 && pair.B.RankOwn == 1), seen.OnlySecond);
        Assert.Equal(["seen.top1", "zeroShot.unseenLabels.top1", "generalized.top1"], comparison.Tests.Select(test => test.Key));
        var all = comparison.Tests[2].Test;
        Assert.Equal(pairs.Count(pair => Right(pair.A, 0.1f) && !Right(pair.B, 0.3f)), all.OnlyFirst);
        Assert.All(comparison.Classes, c =>
        {
            var own = pairs.Where(pair => pair.A.Label == c.Label).ToArray();
            Assert.Equal((own.Length, own[0].A.IsSeen), (c.Images, c.IsSeen));
            Assert.Equal(own.Average(pair => pair.B.RankOwn == 1 ? 1.0 : 0) - own.Average(pair => pair.A.RankOwn == 1 ? 1.0 : 0), c.Differences[0].Value, 1e-12);
        });
        Assert.Equal(13, comparison.Classes.Count);

        static bool Right(ImagePrediction p, float gamma) => (p.BestUnseen!.Value.Cosine > p.BestSeen.Cosine - gamma ? p.BestUnseen.Value.Label : p.BestSeen.Label) == p.Label;
    }

    [Fact]
    public void A_run_does_not_differ_from_itself()
    {
        var comparison = RunComparison.Of([Runs[0], Runs[0] with { Name = "again" }], Draws);
        Assert.All(comparison.Figures, figure => Assert.Equal(new(0, new(0, 0)), figure.Differences[0]));
        Assert.All(comparison.Tests, test => Assert.Equal((0, 0, 1.0, 1.0), (test.Test.OnlyFirst, test.Test.OnlySecond, test.Test.MidP, test.Holm)));
    }

    [Fact]
    public void Images_that_only_one_has_are_left_out_and_told()
    {
        var comparison = RunComparison.Of([Runs[0], Runs[1] with { Predictions = [.. Runs[1].Predictions.Skip(4)] }], Draws);
        Assert.Equal(Runs[0].Predictions.Count - 4, comparison.Images);
        Assert.Contains("4 of its", Assert.Single(comparison.Notes));
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        string Refused(params EvaluatedRun[] runs) => Assert.Throws<DeviseInputException>(() => RunComparison.Of(runs, Draws)).Message;
        EvaluatedRun Changed(Func<ImagePrediction, ImagePrediction> change) => Runs[1] with { Predictions = [.. Runs[1].Predictions.Select(change)] };
        Assert.Contains("expected at least two", Refused(Runs[0]));
        Assert.Contains("no image of a seen class", Refused(Runs[0], Changed(p => p with { Path = "x" + p.Path })));
        Assert.Contains("expected evaluations of the same data", Refused(Runs[0], Changed(p => p with { Label = "yeti" })));
        Assert.Contains("the same seen and unseen classes", Refused(Runs[0], Changed(p => p with { IsSeen = !p.IsSeen })));
        Assert.Contains("resamples: 0", Assert.Throws<DeviseInputException>(() => RunComparison.Of(Runs, new() { Resamples = 0 })).Message);
    }

    [Fact]
    public void Folders_are_read_and_named_by_what_tells_them_apart()
    {
        foreach (var name in (string[])["a/seed0", "b/seed0", "c"])
        {
            Runs[0].Report.Write(_folder[name, EvaluationReport.FileName]);
            PredictionFile.Write(_folder[name, PredictionFile.FileName], Runs[0].Predictions);
        }
        Assert.Equal(["seed0", "c"], EvaluatedRun.Read([_folder["a/seed0"], _folder["c"]]).Select(run => run.Name));
        var two = EvaluatedRun.Read([_folder["a/seed0"], _folder["b/seed0"]]);
        Assert.Equal(["a/seed0", "b/seed0"], two.Select(run => run.Name));
        Assert.Equal(Runs[0].Predictions.Count, two[1].Predictions.Count);
        Assert.Contains("given twice", Assert.Throws<DeviseInputException>(() => EvaluatedRun.Read([_folder["c"], _folder["c"] + "/"])).Message);
        File.Delete(_folder["c", PredictionFile.FileName]);
        Assert.Contains("no such file, expected the predictions.csv", Assert.Throws<DeviseInputException>(() => EvaluatedRun.Read([_folder["a/seed0"], _folder["c"]])).Message);
    }

    public void Dispose() => _folder.Dispose();

    private static EvaluatedRun Run(string name, EvaluationInput input)
    {
        var result = Evaluator.Run(input with { Intervals = new() { Resamples = 0 } });
        return new(name, result.Report, result.Predictions);
    }
}
