using System.Diagnostics;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Training.Backbones;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Runs the phases of one stage over one network: the training loop.</summary>
internal sealed class StageTrainer(TrainingContext run, DeviseNet net, Objective objective, IReadOnlyList<PhaseOptions> phases)
{
    private readonly TrainingOptions _options = run.Options;
    private readonly TrainingState _state = run.State;
    private readonly int _stage = run.State.Stage;
    private readonly ImageItem[] _valid = [.. run.Data.Of(Split.Valid)];
    private readonly RunEmbeddings? _embeddings = run.State.Stage == 2 && run.How.EpochEmbeddings > 0 ? new(run.Folder, run.Data.Of(Split.Valid), run.How.EpochEmbeddings, run.Options.Seed) : null;
    private readonly Stopwatch _sinceCheckpoint = Stopwatch.StartNew();

    private WeightAverage? _average;
    private IReadOnlyList<(string Name, NamedTensor Tensor)> _best = [];

    /// <summary>Trains all phases, from where the run's state says, and leaves the weights to keep in the network.</summary>
    /// <param name="resumed">The checkpoint to go on from; null at a stage's beginning.</param>
    /// <param name="cancellation">Ends between two steps, after a checkpoint.</param>
    public void Run(Checkpoint? resumed, CancellationToken cancellation)
    {
        using var average = _average = _options.Ema > 0 ? new WeightAverage(net, _options.Ema) : null;
        if (resumed is null) Save(null);
        else Restore(resumed);
        for (; _state.Phase < phases.Count; _state.NextPhase(), resumed = null) RunPhase(phases[_state.Phase], resumed, cancellation);

        if (_best.Count > 0) Weights.Load(net, _best.ToDictionary(entry => entry.Name, entry => entry.Tensor), "", "the best epoch");
        else average?.Exchange();
    }

    private void RunPhase(PhaseOptions phase, Checkpoint? resumed, CancellationToken cancellation)
    {
        var groups = LayerGroups.Of(net, phase, objective.Parameters);
        if (net.BackboneFixed) _average?.Settle($"{nameof(DeviseNet.features)}.");
        using var optimizer = LayerGroups.Optimizer(groups, _options);
        resumed?.TryRestore(optimizer);
        using var source = Source(phase, cancellation);
        while (_state.Epoch < phase.Epochs && !(_state.Stale >= _options.Patience))
        {
            var trained = TrainEpoch(phase, groups, optimizer, source, cancellation);
            Finish(trained, source, cancellation);
            Save(optimizer);
            EpochRecord.Write(Path.Combine(run.Folder, TrainingRun.HistoryName), _state.History);
            run.Report(Progress(trained.Phase, trained.TrainLoss, trained.LearningRate, trained.ImagesPerSecond, _state.History[^1]));
        }
        _state.Stale = 0;
    }

    /// <summary>A backbone that nothing changes need not run in every step.</summary>
    private IBatchSource Source(PhaseOptions phase, CancellationToken cancellation)
    {
        // A balanced draw repeats images, and each time shall look different.
        var views = _options.Views ?? (_options.Balance == ClassBalance.Sampling ? 0 : phase.Epochs);
        var pooled = net.BackboneFixed && views > 0 && !_options.Mix.In(_stage) && PooledViews.Fits(run.Data, net);
        if (!pooled) return new PixelSource(net, run.Feed, _valid, run.Device);
        var kept = new PooledViews(net, run, (done, steps) => run.Report(TrainingProgress.Views(_stage, _state.EpochsOfStage + 1, phases.Sum(each => each.Epochs), done, steps)));
        return new PooledSource(net, run.Feed, kept, _valid, _state.History.Count - _state.Epoch, views, run.Device, cancellation);
    }

    private EpochRecord TrainEpoch(PhaseOptions phase, IReadOnlyList<LayerGroup> groups, AdamW optimizer, IBatchSource source, CancellationToken cancellation)
    {
        var (steps, epoch) = (run.Feed.StepsPerEpoch, _state.History.Count);
        var (clock, before, rate) = (new Stopwatch(), _state.Images, 0.0);
        foreach (var batch in source.Train(epoch, _state.Step))
        {
            using var owned = batch;
            clock.Start();
            if (cancellation.IsCancellationRequested || _sinceCheckpoint.Elapsed > run.How.CheckpointEvery)
            {
                CheckWeights();
                Save(optimizer);
            }
            cancellation.ThrowIfCancellationRequested();
            net.train();
            var (factor, momentum) = OneCycle.At(_state.Epoch * steps + _state.Step, phase.Epochs * steps, _options.OneCycle);
            (optimizer.RateFactor, optimizer.Momentum, rate) = (factor, momentum, groups[^1].Rate * factor);
            if (batch.Count >= 2) // batch normalisation needs two
            {
                random.manual_seed(StableHash.Seed(_options.Seed, $"step {_stage} {epoch} {_state.Step}"));
                var mix = _options.Mix.In(_stage) ? Mixing.Plan(_options.Mix, new Random(StableHash.Seed(_options.Seed, $"mix {_stage} {epoch} {_state.Step}")), batch.Count, _options.ImageSize) : null;
                var loss = TrainingStep.Run(source.Forward, objective, optimizer, batch, mix, _options.GradientClip);
                if (!double.IsFinite(loss)) throw Divergence.At(run.Folder, _stage, _state, loss, phase.LearningRate * factor, batch.Items);
                _average?.Update();
                (_state.LossSum, _state.Losses, _state.Images) = (_state.LossSum + loss, _state.Losses + 1, _state.Images + batch.Count);
                _state.Smooth = _state.Smooth is { } smooth ? 0.98 * smooth + 0.02 * loss : loss;
            }
            _state.Step++;
            run.Report(Progress(phase.Name, _state.Smooth ?? double.NaN, rate, (_state.Images - before) / clock.Elapsed.TotalSeconds, null));
        }
        if (_state.Losses == 0) throw NoStep.Of(run.Data, run.BadImages);
        return new(_stage, phase.Name, _state.EpochsOfStage + 1, _state.LossSum / _state.Losses, 0, 0, rate, (_state.Images - before) / Math.Max(clock.Elapsed.TotalSeconds, 1e-9));
    }

    /// <summary>Validates what will be kept, the average where there is one, and moves the state on to the next epoch.</summary>
    private void Finish(EpochRecord trained, IBatchSource source, CancellationToken cancellation)
    {
        CheckWeights();
        _average?.Exchange();
        var (loss, top1) = Validation.Of(net, objective, source, _embeddings, cancellation);
        _embeddings?.Write(_state.EpochsOfStage + 1);
        if (top1 > (_state.Best ?? double.NegativeInfinity))
        {
            (_state.Best, _state.Stale) = (top1, 0);
            if (_options.KeepBest) _best = Weights.Save(net);
        }
        // Where nothing could be validated, nothing has become stale.
        else if (!double.IsNaN(top1)) _state.Stale++;
        _average?.Exchange();
        _state.NextEpoch(trained with { ValidLoss = loss, ValidTop1 = top1 });
    }

    /// <summary>No later loss tells what the last step did: weights are looked at before they are kept.</summary>
    private void CheckWeights()
    {
        if (Divergence.NotFinite([.. Weights.State(net), .. objective.Parameters.Select(parameter => ("the loss's factor", (Tensor)parameter))]) is { } name)
            throw Divergence.Of(name, _stage, _state, phases[_state.Phase].LearningRate);
    }

    private void Save(AdamW? optimizer)
    {
        _state.AverageSteps = _average?.Steps ?? 0;
        run.Save([
            .. Checkpoint.Of("net", Weights.Save(net)), .. optimizer is null ? [] : Checkpoint.Of(optimizer), .. Checkpoint.Of("best", _best),
            .. Checkpoint.Of("average", _average?.State.Select(entry => (entry.Name, NamedTensor.Of(entry.Tensor))) ?? []),
            .. Checkpoint.Of("objective", objective.Parameters.Select((parameter, i) => ($"{i}", NamedTensor.Of(parameter)))),
        ]);
        _sinceCheckpoint.Restart();
    }

    private void Restore(Checkpoint checkpoint)
    {
        checkpoint.Restore(net, "net");
        if (_average is { } average)
        {
            checkpoint.Restore(average.State, "average");
            average.Restore(_state.AverageSteps);
        }
        checkpoint.Restore(objective.Parameters.Select((parameter, i) => ($"{i}", (Tensor)parameter)), "objective");
        _best = [.. checkpoint.Part("best").Select(entry => (entry.Key, entry.Value))];
    }

    private TrainingProgress Progress(string phase, double loss, double rate, double speed, EpochRecord? finished)
    {
        var (steps, epochs) = (run.Feed.StepsPerEpoch, phases.Sum(each => each.Epochs));
        var done = phases.Take(_state.Phase).Sum(each => each.Epochs) * steps + _state.Epoch * steps + _state.Step;
        var left = (epochs * steps - done) * _options.BatchSize / Math.Max(speed, 1e-9);
        return new(_stage, phase, finished?.Epoch ?? _state.EpochsOfStage + 1, epochs, finished is null ? _state.Step : steps, steps, loss, rate, speed, TimeSpan.FromSeconds(Math.Min(left, 1e7)), finished);
    }
}
