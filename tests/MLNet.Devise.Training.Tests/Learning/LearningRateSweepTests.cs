using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Labels;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class LearningRateSweepTests
{
    [Fact]
    public void Rates_rise_by_equal_factors_between_the_ends()
    {
        Assert.Equal(1e-7, LearningRateSweep.RateAt(0, 9, 1e-7, 10), 12);
        Assert.Equal(1e-3, LearningRateSweep.RateAt(4, 9, 1e-7, 10), 12);
        Assert.Equal(10, LearningRateSweep.RateAt(8, 9, 1e-7, 10), 9);
    }

    [Fact]
    public void The_suggestion_is_where_a_known_curve_falls_fastest()
    {
        // A logistic fall around 1e-2 and a rise behind it.
        var points = Enumerable.Range(0, 100).Select(i => LearningRateSweep.RateAt(i, 100, 1e-7, 10))
            .Select(rate => new LearningRatePoint(rate, 4 / (1 + Math.Exp(5 * (Math.Log10(rate) + 2))) + Math.Pow(rate, 3))).ToArray();
        Assert.InRange(new LearningRateSweep(points).Suggestion!.Value, 7e-3, 1.4e-2);
        Assert.Null(new LearningRateSweep(points[..15]).Suggestion);
    }

    [Fact]
    public void The_suggestion_stands_above_noise_and_there_is_none_without_a_fall()
    {
        var random = new Random(1);
        var steps = Enumerable.Range(0, 100).Select(i => LearningRateSweep.RateAt(i, 100, 1e-7, 10))
            .Select(rate => new LearningRatePoint(rate, 4 - 1 / (1 + Math.Exp(-5 * (Math.Log10(rate) + 2))) + Math.Pow(rate, 2) + 0.3 * random.NextDouble()));
        Assert.InRange(LearningRateSweep.Of(steps).Suggestion!.Value, 2e-3, 5e-2);
        Assert.Null(new LearningRateSweep([.. Enumerable.Range(0, 100).Select(i => new LearningRatePoint(i + 1, i))]).Suggestion);
    }

    [Fact]
    public void A_straight_line_stays_straight_and_the_sweep_ends_when_losses_diverge()
    {
        var line = LearningRateSweep.Of(Enumerable.Range(0, 50).Select(i => new LearningRatePoint(i, 100 - i)));
        Assert.All(line.Points, point => Assert.Equal(100 - point.Rate, point.Loss, 9));
        Assert.Equal(40, LearningRateSweep.Of(Enumerable.Range(0, 100).Select(i => new LearningRatePoint(i, i < 40 ? 1 : 1000))).Points.Count);
        Assert.Equal(3, LearningRateSweep.Of([new(1, 1), new(2, 1), new(3, 1), new(4, double.NaN), new(5, 1)]).Points.Count);
    }

    [Fact]
    public void A_sweep_over_the_sample_repeats_and_ends_within_its_steps()
    {
        using var folder = new TemporaryFolder();
        var sample = DrawnSample.Write(folder["data"], new() { ImagesPerClass = 3, Size = 32 }, cancel: TestContext.Current.CancellationToken);
        var data = ImageDataset.Open(sample.Folder);
        var labels = LabelSpace.FromVec([.. data.Seen, .. data.Unseen], sample.VectorsPath);
        var options = new TrainingOptions { ImageSize = 32, Threads = 1, Stage1 = [new() { Epochs = 1, LearningRate = 1e-3 }], Stage2 = [new() { Epochs = 1, LearningRate = 1e-3 }] };
        foreach (var stage in (int[])[1, 2])
        {
            var first = LearningRateFinder.Sweep(data, labels, sample.VectorsPath, options, stage, 20, cancellation: TestContext.Current.CancellationToken);
            Assert.InRange(first.Points.Count, 5, 20);
            Assert.Equal(first.Points, LearningRateFinder.Sweep(data, labels, sample.VectorsPath, options, stage, 20, cancellation: TestContext.Current.CancellationToken).Points);
        }
        // Of stage 2 the targets are what training would have.
        var centred = options with { LabelTransform = new() { Kind = LabelTransformKind.Centre, Words = 0 } };
        double First(TrainingOptions with, int stage = 2) => LearningRateFinder.Sweep(data, labels, sample.VectorsPath, with, stage, 20, cancellation: TestContext.Current.CancellationToken).Points[0].Loss;
        Assert.NotEqual(First(options), First(centred));
        // And images are mixed in the stages in which training mixes them.
        var mixed = options with { Mix = new() { Mixup = 1 } };
        Assert.NotEqual(First(options, 1), First(mixed, 1));
        Assert.Equal(First(options), First(mixed));

        foreach (var item in data.Items) File.WriteAllText(data.FullPath(item), "junk");
        Assert.Contains("no step could be taken, ", Assert.Throws<DeviseInputException>(() => First(options)).Message, StringComparison.Ordinal);
    }
}
