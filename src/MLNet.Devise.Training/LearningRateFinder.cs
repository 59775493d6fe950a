using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training;

/// <summary>Finds a peak learning rate: trains a little while with a rate that rises from hopelessly small to hopelessly large.</summary>
public static class LearningRateFinder
{
    private const double Low = 1e-7, High = 10;

    /// <summary>Sweeps the first phase of a stage. Nothing is kept of the training.</summary>
    /// <param name="data">Images and their split.</param>
    /// <param name="labels">Vectors of the data's labels.</param>
    /// <param name="options">All options; of the stage's phases the first one counts, for frozen or not.</param>
    /// <param name="stage">1 (classification) or 2 (embedding, here with a new head).</param>
    /// <param name="steps">Steps from the smallest rate to the largest, at least 20.</param>
    /// <param name="progress">Told after each step; may be null.</param>
    /// <param name="cancellation">Ends the sweep between two steps.</param>
    /// <exception cref="DeviseInputException">An option, the weights or the data are not as expected.</exception>
    public static LearningRateSweep Sweep(ImageDataset data, LabelSpace labels, TrainingOptions options, int stage = 1, int steps = 100, Action<LearningRatePoint>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        if (steps is < 20 or > 100_000) throw new DeviseInputException($"steps: {steps}, expected 20..100000");
        var phase = stage switch
        {
            1 when options.Stage1.Count > 0 => options.Stage1[0],
            1 => throw new DeviseInputException("stage1: no phases, expected one to find a rate for"),
            2 => options.Stage2[0],
            _ => throw new DeviseInputException($"stage: {stage}, expected 1 or 2"),
        };
        TorchNative.Ensure();
        return AllocatorTuning.Run(() =>
        {
            set_num_threads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
            random.manual_seed(options.Seed);
            using var scope = NewDisposeScope();
            using var feed = new ImageFeed(data, options);
            var backbone = Backbone.ByName(options.Backbone);
            var net = new DeviseNet(backbone, stage == 1
                ? Head.Classifier(backbone.FeatureMaps, labels.Dimension, data.Seen.Count, options.Head)
                : Head.Embedder(backbone.FeatureMaps, labels.Dimension, options.Head))
            { BFloat16 = Trainer.UseBFloat16(options) };
            if (options.Pretrained is { } pretrained) Weights.Load(net.features, WeightsFile.Read(pretrained), backbone.WeightPrefix, pretrained);
            var objective = stage == 1 ? Objective.Classification() : Objective.Embedding(labels.Select(data.Seen), options.Loss);
            return LearningRateSweep.Of(Steps(net, objective, phase, feed, options, steps, progress, cancellation));
        });
    }

    private static IEnumerable<LearningRatePoint> Steps(DeviseNet net, Objective objective, PhaseOptions phase, ImageFeed feed, TrainingOptions options, int steps, Action<LearningRatePoint>? progress, CancellationToken cancellation)
    {
        var groups = LayerGroups.Of(net, phase, objective.Parameters);
        using var optimizer = LayerGroups.Optimizer(groups, options);
        net.train();
        using var source = new PixelSource(net, feed, [], CPU);
        var batches = Enumerable.Range(0, int.MaxValue).SelectMany(epoch => source.Train(epoch, 0));
        foreach (var (batch, step) in batches.Take(steps).Select((batch, step) => (batch, step)))
        {
            using var owned = batch;
            cancellation.ThrowIfCancellationRequested();
            if (batch.Count < 2) continue;
            var rate = LearningRateSweep.RateAt(step, steps, Low, High);
            optimizer.RateFactor = rate / phase.LearningRate;
            var point = new LearningRatePoint(rate, TrainingStep.Run(source.Forward, objective, optimizer, batch));
            progress?.Invoke(point);
            yield return point;
        }
    }
}
