using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Devise.Training;

/// <summary>Finds a peak learning rate: trains a little while with a rate that rises from hopelessly small to hopelessly large.</summary>
public static class LearningRateFinder
{
    private const double Low = 1e-7, High = 10;

    /// <summary>Sweeps the first phase of a stage. Nothing is kept of the training.</summary>
    /// <param name="data">Images and their split.</param>
    /// <param name="labels">Vectors of all of the data's labels, seen and unseen.</param>
    /// <param name="vectors">The word-vector file that they came from; read again where a transform, distractors or a prior need other words of it.</param>
    /// <param name="options">All options; of the stage's phases the first one counts, for frozen or not.</param>
    /// <param name="stage">1 (classification) or 2 (embedding, here with a new head).</param>
    /// <param name="steps">Steps from the smallest rate to the largest, at least 20.</param>
    /// <param name="progress">Told after each step; may be null.</param>
    /// <param name="cancellation">Ends the sweep between two steps.</param>
    /// <exception cref="DeviseInputException">An option, the weights or the data are not as expected.</exception>
    public static LearningRateSweep Sweep(ImageDataset data, LabelSpace labels, string vectors, TrainingOptions options, int stage = 1, int steps = 100, Action<LearningRatePoint>? progress = null, CancellationToken cancellation = default)
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
            var (backbone, device) = (Backbone.ByName(options.Backbone), Devices.Of(options.Device));
            var targets = TrainingTargets.Of(data, labels, vectors, options);
            var pretrained = options.Pretrained is { } file ? WeightsFile.Read(file) : null;
            var prior = stage == 1 ? null : Trainer.PriorOf(backbone, targets, pretrained, options, vectors).Prior;
            var net = new DeviseNet(backbone, stage == 1
                ? Head.Classifier(backbone.FeatureMaps, labels.Dimension, data.Seen.Count, options.Head)
                : Head.Embedder(backbone.FeatureMaps, labels.Dimension, options.Head), prior)
            { BFloat16 = Trainer.UseBFloat16(options) };
            if (pretrained is not null) Weights.Load(net.features, pretrained, backbone.WeightPrefix, options.Pretrained!);
            net.to(device);
            var weights = Trainer.ClassWeights(data, options);
            var objective = stage == 1
                ? Objective.Classification(options.LabelSmoothing, weights, device)
                : Objective.Embedding(targets.Labels.Select(data.Seen), options.Loss, weights, targets.Distractors, device, prior is null ? null : options.Prior);
            return LearningRateSweep.Of(Steps(net, objective, stage, phase, data, feed, device, options, steps, progress, cancellation));
        });
    }

    private static IEnumerable<LearningRatePoint> Steps(DeviseNet net, Objective objective, int stage, PhaseOptions phase, ImageDataset data, ImageFeed feed, Device device, TrainingOptions options, int steps, Action<LearningRatePoint>? progress, CancellationToken cancellation)
    {
        var groups = LayerGroups.Of(net, phase, objective.Parameters);
        using var optimizer = LayerGroups.Optimizer(groups, options);
        net.train();
        using var source = new PixelSource(net, feed, [], device);
        var batches = Enumerable.Range(0, int.MaxValue).SelectMany(epoch => source.Train(epoch, 0));
        var taken = 0;
        foreach (var (batch, step) in batches.Take(steps).Select((batch, step) => (batch, step)))
        {
            using var owned = batch;
            cancellation.ThrowIfCancellationRequested();
            if (batch.Count < 2) continue;
            var rate = LearningRateSweep.RateAt(step, steps, Low, High);
            optimizer.RateFactor = rate / phase.LearningRate;
            var mix = options.Mix.In(stage) ? Mixing.Plan(options.Mix, new Random(StableHash.Seed(options.Seed, $"mix {stage} sweep {step}")), batch.Count, options.ImageSize) : null;
            var point = new LearningRatePoint(rate, TrainingStep.Run(source.Forward, objective, optimizer, batch, mix, options.GradientClip));
            taken++;
            progress?.Invoke(point);
            yield return point;
        }
        if (taken == 0) throw NoStep.Of(data, feed.Bad);
    }
}
