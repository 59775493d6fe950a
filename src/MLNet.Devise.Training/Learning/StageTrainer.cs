using System.Diagnostics;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Runs the phases of one stage over one network: the training loop.</summary>
internal sealed class StageTrainer(int stage, DeviseNet net, Objective objective, ImageDataset data, ImageFeed feed, TrainingOptions options, Action<TrainingProgress> report)
{
    private readonly List<EpochRecord> _history = [];
    private readonly ImageItem[] _valid = [.. data.Of(Split.Valid)];

    /// <summary>Trains all phases; <paramref name="afterEpoch"/> gets each epoch's record and may save the network.</summary>
    public IReadOnlyList<EpochRecord> Run(IReadOnlyList<PhaseOptions> phases, int firstEpoch, Action<EpochRecord> afterEpoch, CancellationToken cancellation)
    {
        var epochs = phases.Sum(phase => phase.Epochs);
        foreach (var phase in phases)
        {
            var groups = LayerGroups.Of(net, phase, objective.Parameters);
            var optimizer = LayerGroups.Optimizer(groups, options);
            using (optimizer)
            {
                var total = phase.Epochs * feed.StepsPerEpoch;
                for (var e = 0; e < phase.Epochs; e++)
                {
                    var trained = TrainEpoch(phase, groups, optimizer, e * feed.StepsPerEpoch, total, firstEpoch + _history.Count, epochs, cancellation);
                    var (validLoss, top1) = Validate(cancellation);
                    var record = trained with { ValidLoss = validLoss, ValidTop1 = top1 };
                    _history.Add(record);
                    afterEpoch(record);
                    report(Progress(record.Phase, epochs, feed.StepsPerEpoch, record.TrainLoss, record.LearningRate, record.ImagesPerSecond, record));
                }
            }
        }
        return _history;
    }

    private EpochRecord TrainEpoch(PhaseOptions phase, IReadOnlyList<LayerGroup> groups, AdamW optimizer, int step, int total, int epoch, int epochs, CancellationToken cancellation)
    {
        net.train();
        var name = phase.Frozen ? "frozen" : "unfrozen";
        var (clock, images, sum, smooth, rate) = (Stopwatch.StartNew(), 0, 0.0, double.NaN, 0.0);
        var first = step;
        foreach (var batch in feed.Train(epoch))
        {
            cancellation.ThrowIfCancellationRequested();
            if (batch.Items.Length < 2) continue; // batch normalisation needs two
            var (factor, momentum) = OneCycle.At(step, total, options.OneCycle);
            rate = LayerGroups.Set(optimizer, groups, factor, momentum);

            var value = TrainingStep.Run(net, objective, optimizer, batch);
            if (!double.IsFinite(value)) throw new InvalidOperationException($"stage {stage}, epoch {_history.Count + 1}, step {step - first + 1}: the loss is {value}; lower the learning rate ({phase.LearningRate}), or look at {batch.Items[0].Path} and the {batch.Items.Length - 1} images after it");
            (step, images, sum) = (step + 1, images + batch.Items.Length, sum + value);
            smooth = double.IsNaN(smooth) ? value : 0.98 * smooth + 0.02 * value;
            report(Progress(name, epochs, step - first, smooth, rate, images / clock.Elapsed.TotalSeconds, null));
        }
        if (step == first)
            throw new DeviseInputException($"{data.Folder}: no step could be taken, {feed.Bad.Count} of {data.Of(Split.Train).Count()} training images cannot be read{string.Concat(feed.Bad.Take(1).Select(bad => $", for instance {bad.Key}: {bad.Value}"))}");
        return new(stage, name, _history.Count + 1, sum / Math.Max(1, step - first), 0, 0, rate, images / clock.Elapsed.TotalSeconds);
    }

    private (double Loss, double Top1) Validate(CancellationToken cancellation)
    {
        net.eval();
        using var untracked = no_grad();
        var (loss, right, count) = (0.0, 0L, 0);
        foreach (var batch in feed.Plain(_valid))
        {
            cancellation.ThrowIfCancellationRequested();
            if (batch.Items.Length == 0) continue;
            using var scope = NewDisposeScope();
            var (output, labels) = (net.call(TrainingStep.Pixels(batch)), tensor(batch.Labels));
            loss += objective.Loss(output, labels).item<float>() * batch.Items.Length;
            right += objective.Scores(output).argmax(1).eq(labels).sum().item<long>();
            count += batch.Items.Length;
        }
        return count == 0 ? (double.NaN, double.NaN) : (loss / count, (double)right / count);
    }

    private TrainingProgress Progress(string phase, int epochs, int step, double loss, double rate, double speed, EpochRecord? finished)
    {
        var done = _history.Count * feed.StepsPerEpoch + (finished is null ? step : 0);
        var left = (epochs * feed.StepsPerEpoch - done) * options.BatchSize / Math.Max(speed, 1e-9);
        return new(stage, phase, _history.Count + (finished is null ? 1 : 0), epochs, step, feed.StepsPerEpoch, loss, rate, speed, TimeSpan.FromSeconds(Math.Min(left, 1e7)), finished);
    }
}
