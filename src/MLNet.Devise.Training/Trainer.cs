using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Devise.Training;

/// <summary>
/// Trains a visual-semantic model in two stages: classification of the seen classes, then, with the classifier cut off, embedding by
/// cosine loss against the label vectors.
/// </summary>
/// <remarks>One training a process at a time: libtorch's random generator and thread count belong to the process.</remarks>
public static class Trainer
{
    /// <summary>Trains both stages and leaves a run in <paramref name="folder"/>.</summary>
    /// <param name="data">Images and their split.</param>
    /// <param name="labels">Vectors of all of the data's labels, seen and unseen.</param>
    /// <param name="vectors">The word-vector file that they came from; read again where a transform, distractors or a prior need other words of it.</param>
    /// <param name="options">What is learnt and how.</param>
    /// <param name="folder">Where the run goes. Its checkpoint is written whole after every epoch and now and then between.</param>
    /// <param name="how">How the run is carried out: resuming, checkpoints, caches; null for the defaults.</param>
    /// <param name="progress">Told after every step; null for silence.</param>
    /// <param name="cancellation">Ends training between two steps, after a checkpoint from which <see cref="RunSettings.Resume"/> goes on.</param>
    /// <exception cref="DeviseInputException">An option, a label's name, the weights or the data are not as expected, or the folder holds an unfinished run.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before it stays.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer a number.</exception>
    public static TrainingRun Train(ImageDataset data, LabelSpace labels, string vectors, TrainingOptions options, string folder, RunSettings? how = null, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        how ??= new();
        how.Validate();
        labels.CheckVec();
        if (how.Resume && TrainingRun.Finished(folder, options) is { } finished) return RunFolder.CheckSame(folder, finished, data, vectors);
        TorchNative.Ensure();
        return AllocatorTuning.Run(() => Run(data, labels, vectors, options, folder, how, progress ?? (_ => { }), cancellation));
    }

    private static TrainingRun Run(ImageDataset data, LabelSpace labels, string vectors, TrainingOptions options, string folder, RunSettings how, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        set_num_threads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        random.manual_seed(options.Seed);
        var (bf16, device) = (UseBFloat16(options), Devices.Of(options.Device));
        using var scope = NewDisposeScope();
        var backbone = Backbone.ByName(options.Backbone);
        var targets = TrainingTargets.Of(data, labels, vectors, options);
        var seen = targets.Labels.Select(data.Seen);

        var pretrained = options.Pretrained is { } file ? WeightsFile.Read(file) : null;
        var (prior, warning) = PriorOf(backbone, targets, pretrained, options, vectors);
        var embedder = new DeviseNet(backbone, Head.Embedder(backbone.FeatureMaps, labels.Dimension, options.Head), prior) { BFloat16 = bf16 };
        if (pretrained is not null) Weights.Load(embedder.features, pretrained, backbone.WeightPrefix, options.Pretrained!);
        var classifier = new DeviseNet(backbone, Head.Classifier(backbone.FeatureMaps, labels.Dimension, data.Seen.Count, options.Head)) { BFloat16 = bf16 };
        Weights.Copy(embedder.features, classifier.features);
        embedder.to(device);
        classifier.to(device);

        var basis = RunFolder.Basis(options, data, targets);
        var checkpoint = RunFolder.Open(folder, basis, how);
        var state = checkpoint?.State ?? new() { Basis = basis };
        // What is wrong with the other run is told before an older one in this folder goes.
        var taken = options.Stage1Run is { } other && state.Stage == 1 ? Stage1Run.Load(other, folder, options, data, classifier) : null;
        RunFolder.Begin(folder, state, checkpoint);
        if (checkpoint is { IsEmpty: true }) checkpoint = null;
        using var feed = new ImageFeed(data, options, TrainingContext.CacheFolderOf(folder, how), how.CacheBytes);
        var run = new TrainingContext
        {
            Data = data,
            Feed = feed,
            Options = options,
            How = how,
            Folder = folder,
            Device = device,
            State = state,
            Report = progress,
            SecondsBefore = state.Seconds,
        };
        if (state.Stage == 1)
        {
            if (taken is not null) taken.Keep(run, classifier);
            else if (options.Stage1.Count > 0) TrainStage1(run, classifier, checkpoint, cancellation);
            if (state.Stage1Parameters is not null && (options.Stage2Start == Stage2Start.Stage1 || pretrained is null)) Weights.Copy(classifier, embedder);
            if (options.Calibrate) state.Gamma = new GammaCalibration(run, targets, embedder).Choose(cancellation);
            state.Begin(2);
            checkpoint = null;
        }
        var weights = ClassWeights(data, options);
        new StageTrainer(run, embedder, Objective.Embedding(seen, options.Loss, weights, targets.Distractors, device, prior is null ? null : options.Prior), options.Stage2).Run(checkpoint, cancellation);
        Safetensors.Write(Path.Combine(folder, TrainingRun.Stage2Name), Weights.Save(embedder));

        targets.Write(folder);
        // Not every system removes what is locked or mapped.
        feed.Dispose();
        string?[] odd = [warning, RunFolder.RemoveCache(folder, how)];
        var finished = new TrainingRun
        {
            Options = options,
            Data = data.Folder,
            DataOptions = data.Options,
            Vectors = Path.GetFileName(vectors),
            Seen = data.Seen,
            Unseen = data.Unseen,
            LabelOrigins = labels.Names.Zip(labels.Origins).ToDictionary(pair => pair.First, pair => pair.Second),
            Images = Enum.GetValues<Split>().ToDictionary(split => split.ToString().ToLowerInvariant(), split => data.Of(split).Count()),
            BadImages = run.BadImages,
            Stage1Parameters = state.Stage1Parameters,
            Stage2Parameters = embedder.ParameterCount,
            Stage1Accuracy = state.Stage1Accuracy,
            Gamma = state.Gamma,
            Warnings = [.. feed.Warnings, .. run.Warnings, .. odd.OfType<string>()],
            KnownLabels = [.. (prior?.Classes ?? []).Select(row => ImageNetClasses.Synonyms[row][0])],
            Precision = bf16 ? TrainingPrecision.Bf16 : TrainingPrecision.Fp32,
            Seconds = run.Seconds,
        };
        // A process killed after its last checkpoint has not written the last epoch's row.
        EpochRecord.Write(Path.Combine(folder, TrainingRun.HistoryName), state.History);
        finished.Write(folder);
        RunFolder.End(folder);
        return finished;
    }

    /// <summary>The prior, or why there is none although one is asked for.</summary>
    internal static (Prior? Prior, string? Warning) PriorOf(Backbone backbone, TrainingTargets targets, IReadOnlyDictionary<string, NamedTensor>? pretrained, TrainingOptions options, string vectors) => (targets.Known, pretrained) switch
    {
        (null, _) or (_, null) => (null, null),
        ({ Classes.Count: < PriorOptions.FewestLabels and var count }, _) => (null, $"prior: none, since only {count} of ImageNet's {ImageNetClasses.Synonyms.Count} labels have a vector in {vectors}, expected at least {PriorOptions.FewestLabels}; take a larger vector file"),
        var (known, weights) => (Prior.Of(backbone, known, weights, options.Pretrained!, options.Prior!.Weight), null),
    };

    private static void TrainStage1(TrainingContext run, DeviseNet classifier, Checkpoint? checkpoint, CancellationToken cancellation)
    {
        new StageTrainer(run, classifier, Objective.Classification(run.Options.LabelSmoothing, ClassWeights(run.Data, run.Options), run.Device), run.Options.Stage1).Run(checkpoint, cancellation);
        Safetensors.Write(Path.Combine(run.Folder, TrainingRun.Stage1Name), Weights.Save(classifier));
        var accuracy = run.Options.KeepBest ? run.State.Best : run.State.History[^1].ValidTop1;
        (run.State.Stage1Parameters, run.State.Stage1Accuracy) = (classifier.ParameterCount, accuracy is { } top1 && double.IsFinite(top1) ? top1 : null);
    }

    internal static float[]? ClassWeights(ImageDataset data, TrainingOptions options) => options.Balance == ClassBalance.Weights ? BalancedDraw.Weights(data) : null;

    /// <summary>Whether the wish for a precision means bfloat16 on this machine.</summary>
    internal static bool UseBFloat16(TrainingOptions options) => options switch
    {
        { Precision: TrainingPrecision.Fp32 } or { Device: not TrainingDevice.Cpu, Precision: TrainingPrecision.Auto } => false,
        { Device: not TrainingDevice.Cpu } => throw new DeviseInputException("precision: bf16 is for --device cpu, expected auto or fp32"),
        { Precision: TrainingPrecision.Bf16 } when !Autocast.IsSupported => throw new DeviseInputException("precision: bf16, but this processor has no bfloat16 arithmetic that can be used here, expected auto or fp32"),
        _ => Autocast.IsSupported,
    };
}
