using System.Diagnostics;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training;

/// <summary>
/// Trains a visual-semantic model in two stages: classification of the seen classes, then, with the classifier cut off, embedding by
/// cosine loss against the label vectors.
/// </summary>
/// <remarks>One training a process at a time: libtorch's random generator and thread count belong to the process.</remarks>
public static class Trainer
{
    /// <summary>Trains both stages and leaves a run in <paramref name="folder"/>; checkpoints are written whole after every epoch.</summary>
    /// <param name="data">Images and their split.</param>
    /// <param name="labels">Vectors of all of the data's labels, seen and unseen.</param>
    /// <param name="vectors">The word-vector file that they came from; read again only where a transform or distractors are asked for.</param>
    /// <param name="options">All options.</param>
    /// <param name="folder">Where the run goes.</param>
    /// <param name="progress">Told after every step; null for silence.</param>
    /// <param name="cancellation">Ends training between two steps; finished epochs stay on disk.</param>
    /// <exception cref="DeviseInputException">An option, the weights or the data are not as expected.</exception>
    public static TrainingRun Train(ImageDataset data, LabelSpace labels, string vectors, TrainingOptions options, string folder, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        TorchNative.Ensure();
        return AllocatorTuning.Run(() => Run(data, labels, vectors, options, folder, progress, cancellation));
    }

    private static TrainingRun Run(ImageDataset data, LabelSpace labels, string vectors, TrainingOptions options, string folder, Action<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        set_num_threads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        random.manual_seed(options.Seed);
        var bf16 = UseBFloat16(options.Precision);
        using var scope = NewDisposeScope();
        using var feed = new ImageFeed(data, options);
        var backbone = Backbone.ByName(options.Backbone);
        var targets = TrainingTargets.Of(data, labels, vectors, options);
        var seen = targets.Labels.Select(data.Seen);
        var history = new List<EpochRecord>();
        long? stage1Parameters = null;

        var embedder = new DeviseNet(backbone, Head.Embedder(backbone.FeatureMaps, labels.Dimension, options.Head)) { BFloat16 = bf16 };
        if (options.Pretrained is { } pretrained) Weights.Load(embedder.features, WeightsFile.Read(pretrained), backbone.WeightPrefix, pretrained);

        // All that could be wrong has been looked at. A folder without train.json is no finished run; an older one must not vouch for new weights.
        TrainingRun.CheckReplaceable(folder);
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, TrainingRun.ManifestName));

        if (options.Stage1.Count > 0)
        {
            var classifier = new DeviseNet(backbone, Head.Classifier(backbone.FeatureMaps, labels.Dimension, data.Seen.Count, options.Head)) { BFloat16 = bf16 };
            Weights.Copy(embedder.features, classifier.features);
            RunStage(1, classifier, Objective.Classification(options.LabelSmoothing), options.Stage1);
            stage1Parameters = classifier.ParameterCount;
            Weights.Copy(classifier, embedder);
        }
        RunStage(2, embedder, Objective.Embedding(seen, options.Loss, distractors: targets.Distractors), options.Stage2);

        targets.Write(folder);
        var run = new TrainingRun
        {
            Options = options,
            Data = data.Folder,
            Vectors = Path.GetFileName(vectors),
            Seen = data.Seen,
            Unseen = data.Unseen,
            LabelOrigins = labels.Names.Zip(labels.Origins).ToDictionary(pair => pair.First, pair => pair.Second),
            Images = Enum.GetValues<Split>().ToDictionary(split => split.ToString().ToLowerInvariant(), split => data.Of(split).Count()),
            BadImages = feed.Bad,
            Stage1Parameters = stage1Parameters,
            Stage2Parameters = embedder.ParameterCount,
            Stage1Accuracy = history.LastOrDefault(epoch => epoch.Stage == 1)?.ValidTop1 is { } top1 && double.IsFinite(top1) ? top1 : null,
            Precision = bf16 ? TrainingPrecision.Bf16 : TrainingPrecision.Fp32,
            Seconds = clock.Elapsed.TotalSeconds,
        };
        run.Write(folder);
        return run;

        void RunStage(int stage, DeviseNet net, Objective objective, IReadOnlyList<PhaseOptions> phases)
        {
            var checkpoint = Path.Combine(folder, stage == 1 ? TrainingRun.Stage1Name : TrainingRun.Stage2Name);
            new StageTrainer(stage, net, objective, data, feed, options, progress ?? (_ => { })).Run(phases, history.Count, epoch =>
            {
                history.Add(epoch);
                Safetensors.Write(checkpoint, Weights.Save(net));
                EpochRecord.Write(Path.Combine(folder, TrainingRun.HistoryName), history);
            }, cancellation);
        }
    }

    /// <summary>Whether the wish for a precision means bfloat16 on this machine.</summary>
    internal static bool UseBFloat16(TrainingPrecision precision) => precision switch
    {
        TrainingPrecision.Fp32 => false,
        TrainingPrecision.Bf16 when !Autocast.IsSupported => throw new DeviseInputException("precision: bf16, but this processor has no bfloat16 arithmetic that can be used here, expected auto or fp32"),
        _ => Autocast.IsSupported,
    };
}
