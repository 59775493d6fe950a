using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// Chooses γ of calibrated stacking (Chao et al. 2016, arXiv:1605.04253) on seen classes alone. Some of them are held out, a head is
/// trained for the others on what the backbone pools, and γ is what tells best the images of the ones from those of the others; the mean
/// over a few such folds counts. The trial heads start where stage 2 will: after a stage 1 that is kept, the held-out classes are not new
/// to backbone and head.
/// </summary>
internal sealed class GammaCalibration(TrainingContext run, TrainingTargets targets, DeviseNet net)
{
    private const int Folds = 4, FewestClasses = 2 * Folds;

    private readonly TrainingOptions _options = run.Options;
    private readonly LabelSpace _seen = targets.Labels.Select(run.Data.Seen);
    private readonly PhaseOptions _phase = run.Options.Stage2[0] is { Frozen: true } frozen ? frozen with { TrainNorms = false } : PhaseOptions.Paper[0];

    /// <summary>γ, or null where there are too few seen classes or images to choose it on. Called before stage 2 changes the network.</summary>
    /// <param name="cancellation">Ends between two steps.</param>
    public double? Choose(CancellationToken cancellation)
    {
        var valid = run.Data.Of(Split.Valid).ToArray();
        if (run.Data.Seen.Count < FewestClasses || valid.Length == 0 || !PooledViews.Fits(run.Data, net)) return null;
        _ = LayerGroups.Of(net, _phase, []);
        var views = new PooledViews(net, run, (done, steps) => run.Report(TrainingProgress.Views(2, 1, 1, done, steps)));
        // The views that stage 2 begins with where it begins frozen, so that they are not computed twice.
        using var source = new PooledSource(net, run.Feed, views, valid, run.State.History.Count, _options.Views is > 0 and var count ? count : _phase.Epochs, run.Device, cancellation);
        var gammas = Enumerable.Range(0, Folds).Select(fold => Fold(fold, source, cancellation)).OfType<double>().ToArray();
        return gammas.Length == 0 ? null : Math.Round(gammas.Average(), 4);
    }

    /// <summary>The best γ of one fold; null where one of its two sides has no images, or its head came to no numbers.</summary>
    private double? Fold(int fold, PooledSource source, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(StableHash.Seed(_options.Seed, $"calibration {fold}"));
        bool[] held = [.. run.Data.Seen.Select((_, i) => i % Folds == fold)];
        string[] kept = [.. run.Data.Seen.Where((_, i) => !held[i])];
        var trial = new DeviseNet(net.Backbone, Head.Embedder(net.Backbone.FeatureMaps, _seen.Dimension, _options.Head), net.prior?.Without([.. run.Data.Seen.Where((_, i) => held[i])]));
        trial.to(run.Device);
        Weights.Copy(net.head, trial.head);
        if (!TryTrain(trial, kept, source, cancellation)) return null;

        trial.eval();
        using var untracked = no_grad();
        var all = Objective.Embedding(_seen, new() { Kind = EmbeddingLoss.Cosine }, device: run.Device, prior: net.prior is null ? null : _options.Prior);
        LabelCosines Cosines(IEnumerable<TrainingBatch> batches, bool ofHeld)
        {
            var (values, truth) = (new List<float>(), new List<int>());
            foreach (var batch in batches)
            {
                using var owned = batch;
                if (batch.Count == 0) continue;
                using var inner = NewDisposeScope();
                var cosines = all.Scores(trial.Parts(batch.Input)).cpu().data<float>().ToArray();
                foreach (var (label, i) in batch.Labels.cpu().data<long>().ToArray().Select((label, i) => ((int)label, i)))
                {
                    if (held[label] != ofHeld) continue;
                    values.AddRange(cosines.AsSpan(i * held.Length, held.Length));
                    truth.Add(label);
                }
            }
            return new([.. values], truth);
        }
        var seen = Cosines(source.Valid(), ofHeld: false);
        var unseen = Cosines(source.Valid().Concat(source.Train(run.State.History.Count + _phase.Epochs - 1, 0)), ofHeld: true);
        return seen.Truth.Count == 0 || unseen.Truth.Count == 0 ? null : GammaSearch.Best(seen, unseen, held).Gamma;
    }

    /// <summary>One frozen phase on the images of some classes; false where a loss or a weight of it is no longer a number.</summary>
    private bool TryTrain(DeviseNet trial, string[] kept, PooledSource source, CancellationToken cancellation)
    {
        var weights = Trainer.ClassWeights(run.Data, _options);
        float[]? keptWeights = weights is null ? null : [.. weights.Where((_, i) => kept.Contains(run.Data.Seen[i]))];
        var objective = Objective.Embedding(_seen.Select(kept), _options.Loss, keptWeights, distractors: targets.Distractors, device: run.Device, prior: net.prior is null ? null : _options.Prior);
        // Position among the kept classes by position among all; −1 for one held out.
        var position = tensor(run.Data.Seen.Select(name => (long)Array.IndexOf(kept, name)).ToArray(), device: run.Device);
        var groups = LayerGroups.Of(trial, _phase, objective.Parameters);
        using var optimizer = LayerGroups.Optimizer(groups, _options);
        var (first, total) = (run.State.History.Count, _phase.Epochs * run.Feed.StepsPerEpoch);
        trial.train();
        foreach (var (batch, step) in Enumerable.Range(first, _phase.Epochs).SelectMany(epoch => source.Train(epoch, 0)).Select((batch, step) => (batch, step)))
        {
            cancellation.ThrowIfCancellationRequested();
            using var owned = batch;
            using var scope = NewDisposeScope();
            var labels = position.index_select(0, batch.Labels);
            var rows = labels.IsAtLeast(0).nonzero().flatten();
            if (rows.shape[0] < 2) continue;
            var (factor, momentum) = OneCycle.At(step, total, _options.OneCycle);
            (optimizer.RateFactor, optimizer.Momentum) = (factor, momentum);
            if (!double.IsFinite(TrainingStep.Run(trial.Parts, objective, optimizer, new(batch.Input.index_select(0, rows), labels.index_select(0, rows), batch.Items), gradientClip: _options.GradientClip))) return false;
        }
        return Divergence.NotFinite(Weights.State(trial.head)) is null;
    }
}
