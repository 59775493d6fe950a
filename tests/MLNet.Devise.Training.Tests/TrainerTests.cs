using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests;

public sealed class TrainerTests : IDisposable
{
    private static readonly TrainingOptions Small = new()
    {
        ImageSize = 32,
        BatchSize = 32,
        Threads = 1,
        Seed = 7,
        Stage1 = [new() { Epochs = 1, LearningRate = 1e-3 }],
        Stage2 = [new() { Epochs = 1, Frozen = true, LearningRate = 1e-3 }, new() { Epochs = 1, LearningRate = 1e-3, LowestLearningRate = 1e-4 }],
    };

    private readonly TemporaryFolder _folder = new();
    private readonly DrawnSampleResult _sample;

    public TrainerTests() => _sample = DrawnSample.Write(_folder["data"], new() { ImagesPerClass = 4, Size = 32 }, cancel: TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(1), InlineData(2)]
    public void The_same_seed_and_threads_give_the_same_weights_and_another_seed_others(int threads)
    {
        var options = Small with { Threads = threads };
        var first = Train("a", options);
        Train("b", options);
        Train("c", options with { Seed = 8 });
        foreach (var name in (string[])[TrainingRun.Stage1Name, TrainingRun.Stage2Name])
        {
            Assert.Equal(File.ReadAllBytes(_folder["a", name]), File.ReadAllBytes(_folder["b", name]));
            Assert.NotEqual(File.ReadAllBytes(_folder["a", name]), File.ReadAllBytes(_folder["c", name]));
        }
        Assert.Equal(63, first.Seen.Count);
        Assert.Equal(1_404_868, first.Stage2Parameters);
    }

    [Fact]
    public void A_run_leaves_its_history_labels_and_options()
    {
        var run = Train("a", Small);
        var history = EpochRecord.Read(_folder["a", TrainingRun.HistoryName]);
        Assert.Equal(["1 unfrozen 1", "2 frozen 1", "2 unfrozen 2"], history.Select(epoch => $"{epoch.Stage} {epoch.Phase} {epoch.Epoch}"));
        Assert.All(history, epoch => Assert.True(double.IsFinite(epoch.TrainLoss + epoch.ValidLoss) && epoch.ImagesPerSecond > 0));
        Assert.Equal(run.Stage1Accuracy, history[0].ValidTop1);
        var read = TrainingRun.Read(_folder["a"]);
        Assert.Equal(run.ToJson(), read.ToJson());
        Assert.Equal(new ImageDatasetOptions { Seed = 7 }, read.DataOptions);
        Assert.Equal(72, read.ReadLabels(_folder["a"]).Names.Count);
        // Earlier versions passed over what is refused now.
        PhaseOptions[] passedOver = [new() { Epochs = 1, Frozen = true, LearningRate = 1e-3, LowestLearningRate = 1e-4 }];
        (run with { Options = run.Options with { Stage2 = passedOver } }).Write(_folder["a"]);
        Assert.Equal(passedOver, TrainingRun.Read(_folder["a"]).Options.Stage2);
    }

    [Fact]
    public void A_frozen_phase_leaves_the_backbone_as_it_was()
    {
        Train("a", Small with { Stage2 = [new() { Epochs = 1, Frozen = true, LearningRate = 1e-2 }] });
        var (before, after) = (Safetensors.Read(_folder["a", TrainingRun.Stage1Name]), Safetensors.Read(_folder["a", TrainingRun.Stage2Name]));
        Assert.All(before.Keys.Where(name => name.StartsWith("features.", StringComparison.Ordinal)), name => Assert.Equal(before[name].Values, after[name].Values));
        Assert.NotEqual(before["head.8.weight"].Values, after["head.8.weight"].Values);
        Assert.Contains("head.12.weight", before.Keys);
        Assert.DoesNotContain("head.12.weight", after.Keys);
    }

    [Fact]
    public void A_corrupt_photo_is_reported_left_out_and_counted()
    {
        var victim = _sample.Classes[0];
        var path = Directory.GetFiles(_folder["data", "JPEGImages", victim])[0];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..60]);
        var run = Train("a", Small);
        var (bad, reason) = Assert.Single(run.BadImages);
        Assert.Equal($"JPEGImages/{victim}/{Path.GetFileName(path)}", bad);
        Assert.StartsWith("corrupt: ", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_leaves_a_finished_run_as_it_is_and_a_foreign_folder_too()
    {
        Train("a", Small);
        var before = File.ReadAllText(_folder["a", TrainingRun.ManifestName]);
        Assert.Throws<DeviseInputException>(() => Train("a", Small with { Pretrained = _folder["nope.safetensors"] }));
        Assert.Contains("nope: no train.json in it", Assert.Throws<DeviseInputException>(() => Train("a", Small with { Stage1Run = _folder["nope"] })).Message, StringComparison.Ordinal);
        Assert.Contains("stage1Run is the folder that the new run goes to", Assert.Throws<DeviseInputException>(() => Train("a", Small with { Stage1Run = _folder["a"] })).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(_folder["a", TrainingRun.ManifestName]));
        Assert.NotNull(TrainingRun.ReadEmbeddings(_folder["a"]));
        Assert.False(File.Exists(_folder["a", Checkpoint.FileName]));
        _folder.Write("foreign/precious.txt", "x");
        Assert.Contains("not empty and not a training run", Assert.Throws<DeviseInputException>(() => Train("foreign", Small)).Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_folder["foreign"]));
    }

    [Fact]
    public void A_run_over_an_older_one_leaves_nothing_of_that_for_others_to_take()
    {
        Train("a", Small);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("a", Small with { Stage1 = [], Calibrate = false }, _ => stop.Cancel(), stop));
        Assert.All((string[])[TrainingRun.Stage1Name, TrainingRun.Stage2Name, TrainingRun.HistoryName], name => Assert.False(File.Exists(_folder["a", name]), name));
        Train("a", Small with { Stage1 = [], Calibrate = false }, how: new() { Resume = true });
        // As an earlier version left it.
        File.Copy(_folder["a", TrainingRun.Stage2Name], _folder["a", TrainingRun.Stage1Name]);
        Assert.Contains("a: a run without stage 1, expected a run with a stage 1", Assert.Throws<DeviseInputException>(() => Train("b", Small with { Stage1Run = _folder["a"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patience_does_not_run_out_where_nothing_can_be_validated()
    {
        LeaveNothingToValidate();
        Train("a", Small with { Patience = 1, Stage1 = [], Stage2 = [new() { Epochs = 3, LearningRate = 1e-3 }] });
        Assert.Equal(3, EpochRecord.Read(_folder["a", TrainingRun.HistoryName]).Count);
    }

    [Fact]
    public void Without_validation_images_training_runs_and_exports()
    {
        LeaveNothingToValidate();
        Assert.Null(Train("a", Small).Stage1Accuracy);
        var bundle = BundleExporter.Export(_folder["a"], _folder["bundle"] + Path.DirectorySeparatorChar);
        Assert.All(ModelBundle.Open(bundle.Folder).Manifest.History, epoch => Assert.True(double.IsNaN(epoch.ValidTop1)));
        // Again, over the older one, with the separator that shells add.
        BundleExporter.Export(_folder["a"], _folder["bundle"] + Path.DirectorySeparatorChar);
        Assert.DoesNotContain(Directory.GetDirectories(_folder.Path), name => Path.GetFileName(name).StartsWith("bundle.", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_no_validation_photo_can_be_read_training_goes_on_without()
    {
        foreach (var item in ImageDataset.Open(_sample.Folder, new() { Seed = Small.Seed }).Of(Split.Valid)) File.WriteAllText(_folder["data", item.Path], "junk");
        var run = Train("a", Small);
        Assert.Null(run.Stage1Accuracy);
        Assert.Null(run.Gamma);
        Assert.All(EpochRecord.Read(_folder["a", TrainingRun.HistoryName]), epoch => Assert.True(double.IsNaN(epoch.ValidLoss)));
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_written_to_is_a_warning()
    {
        var expected = Train("a", Small);
        var run = Train("b", Small, how: new() { Cache = _folder.Write("taken", "a file") });
        Assert.Contains(run.Warnings, warning => warning.Contains("decoded images cannot be kept there", StringComparison.Ordinal));
        Assert.Single(run.Warnings, warning => warning.Contains("what the frozen backbone makes of the images cannot be kept there", StringComparison.Ordinal));
        Assert.Empty(expected.Warnings);
        Assert.Equal(File.ReadAllBytes(_folder["a", TrainingRun.Stage2Name]), File.ReadAllBytes(_folder["b", TrainingRun.Stage2Name]));
    }

    [Fact]
    public void A_cache_that_cannot_be_removed_is_a_warning()
    {
        Train("a", Small);
        var cache = Directory.CreateDirectory(_folder["a", "cache"]).FullName;
        Assert.SkipUnless(SystemCommand.MountSmallDisk(cache), "a folder that cannot be removed cannot be made here: it takes Linux and root");
        try
        {
            var run = Train("a", Small);
            Assert.Single(run.Warnings, warning => warning.StartsWith($"{cache}: the run's cache cannot be removed (", StringComparison.Ordinal));
            Assert.Equal(run.ToJson(), TrainingRun.Read(_folder["a"]).ToJson());
            Assert.False(File.Exists(_folder["a", Checkpoint.FileName]));
        }
        finally { Assert.True(SystemCommand.Run("umount", cache)); }
    }

    [Fact]
    public void A_photo_changed_behind_a_link_is_pooled_anew()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "links need rights on this system");
        var items = ImageDataset.Open(_sample.Folder, new() { Seed = Small.Seed }).Of(Split.Train).ToArray();
        var path = _folder["data", items[0].Path];
        File.Move(path, _folder["real.png"]);
        File.CreateSymbolicLink(path, _folder["real.png"]);
        Assert.Equal(1, Views("a"));
        Assert.Equal(1, Views("b"));
        File.Copy(_folder["data", items[^1].Path], _folder["real.png"], overwrite: true);
        File.SetLastWriteTimeUtc(_folder["real.png"], DateTime.UtcNow.AddSeconds(5));
        Assert.Equal(2, Views("c"));

        int Views(string name)
        {
            Train(name, Small with { Calibrate = false, Stage1 = [] }, how: new() { Cache = _folder["cache"] });
            return Directory.GetFiles(_folder["cache"], "view-*").Length;
        }
    }

    [Fact]
    public void A_balanced_draw_runs_the_backbone_for_every_image_unless_views_are_asked_for()
    {
        var options = Small with { Balance = ClassBalance.Sampling, Calibrate = false, Stage1 = [], Stage2 = [Small.Stage2[0], Small.Stage2[1]] };
        Train("a", options, how: new() { Cache = _folder["cache"] });
        Assert.Empty(Directory.GetFiles(_folder["cache"], "view-*"));
        Train("b", options with { Views = 1 }, how: new() { Cache = _folder["cache"] });
        Assert.Single(Directory.GetFiles(_folder["cache"], "view-*"));
    }

    [Fact]
    public void Where_no_training_photo_can_be_read_training_says_so()
    {
        foreach (var file in Directory.GetFiles(_folder["data", "JPEGImages"], "*.png", SearchOption.AllDirectories)) File.WriteAllText(file, "junk");
        Assert.Contains("no step could be taken", Assert.Throws<DeviseInputException>(() => Train("a", Small)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_run_and_keeps_the_checkpoint_before()
    {
        // Weights that a training gone wrong has left.
        Train("a", Small);
        var tensors = Safetensors.Read(_folder["a", TrainingRun.Stage2Name]).ToDictionary(entry => entry.Key, entry => entry.Value);
        tensors["features.12.expand3x3.bias"].Values[0] = float.NaN;
        Safetensors.Write(_folder["weights"], [.. tensors.Select(entry => (entry.Key, entry.Value))]);
        var error = Assert.Throws<InvalidOperationException>(() => Train("b", Small with { Pretrained = _folder["weights"] }));
        Assert.StartsWith("stage 1, epoch 1, step 1: the loss is NaN", error.Message, StringComparison.Ordinal);
        Assert.Equal(32, File.ReadAllLines(_folder["b", "diverged.txt"]).Length);
        Assert.Equal(0, Checkpoint.TryRead(_folder["b"])!.State.Step);
        // Nor do heads trained on that choose γ.
        Assert.Throws<InvalidOperationException>(() => Train("c", Small with { Pretrained = _folder["weights"], Stage1 = [] }));
        Assert.Null(Checkpoint.TryRead(_folder["c"])!.State.Gamma);
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_not_kept_although_the_loss_is_one()
    {
        // Batch normalisation carries a running mean on, but in training it does not look at it.
        TorchNative.Ensure();
        using (TorchSharp.torch.NewDisposeScope())
        {
            using var backbone = Backbone.ByName("resnet34").Create();
            var tensors = Weights.Save(backbone);
            tensors.First(entry => entry.Name.EndsWith("running_mean", StringComparison.Ordinal)).Tensor.Values[0] = float.NaN;
            Safetensors.Write(_folder["weights"], tensors);
        }
        var error = Assert.Throws<InvalidOperationException>(() => Train("a", Small with { Backbone = "resnet34", Pretrained = _folder["weights"], Calibrate = false, Stage1 = [], Stage2 = [Small.Stage2[1]] }));
        Assert.Matches(@"^stage 2, epoch 1: features\.[^ ]*running_mean has values that are no numbers after step [0-9]+, at a learning rate of up to 1\.0e-3\. Try a third", error.Message);
        Assert.Equal((0, 0), (Checkpoint.TryRead(_folder["a"])!.State.Step, Checkpoint.TryRead(_folder["a"])!.State.EpochsOfStage));
    }

    [Fact]
    public void A_stopped_training_leaves_no_finished_run()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("a", Small, at => { if (at.Stage == 2) stop.Cancel(); }, stop));
        Assert.True(File.Exists(_folder["a", TrainingRun.Stage1Name]));
        Assert.True(File.Exists(_folder["a", Checkpoint.FileName]));
        Assert.Contains("expected the folder of a finished", Assert.Throws<DeviseInputException>(() => TrainingRun.Read(_folder["a"])).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["a"], "*.partial"));
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_and_no_bundle_is_left()
    {
        Train("a", Small);
        var checkpoint = _folder["a", TrainingRun.Stage2Name];
        File.WriteAllBytes(checkpoint, File.ReadAllBytes(checkpoint)[..^100]);
        var error = Assert.Throws<DeviseInputException>(() => BundleExporter.Export(_folder["a"], _folder["bundle"]));
        Assert.StartsWith(checkpoint, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["bundle"]));
    }

    [Fact]
    public void An_exported_bundle_opens_with_its_facts()
    {
        Train("a", Small);
        var lines = new List<string>();
        var bundle = BundleExporter.Export(_folder["a"], _folder["bundle"], lines.Add);
        Assert.Equal(2, lines.Count(line => line.StartsWith("parity on", StringComparison.Ordinal)));
        Assert.Equal((32, 300, 1_404_868L, "squeezenet1_1", 7L), (bundle.Manifest.ImageSize, bundle.Manifest.Dimension, bundle.Manifest.Parameters, bundle.Manifest.Backbone, bundle.Manifest.Seed));
        Assert.InRange(bundle.Manifest.ParityMaxDifference, 0, ParityCheck.Limit);
        Assert.Equal([.. bundle.Manifest.Seen, .. bundle.Manifest.Unseen], bundle.Labels.Names);
        Assert.Equal(3, bundle.Manifest.History.Count);
    }

    [Fact]
    public void A_label_transform_goes_with_the_run_and_the_bundle()
    {
        var options = Small with { LabelTransform = new() { Kind = LabelTransformKind.AllButTheTop, Components = 2 }, Loss = new() { Kind = EmbeddingLoss.Ranking, Distractors = 5 } };
        var run = Train("a", options);
        var transform = run.ReadTransform(_folder["a"])!;
        var plain = LabelSpace.FromVec([.. run.Seen, .. run.Unseen], _sample.VectorsPath);
        Assert.Equal(plain.Through(transform).Vectors.ToArray(), run.ReadLabels(_folder["a"]).Vectors.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.NotEqual(plain.Vectors.ToArray(), run.ReadLabels(_folder["a"]).Vectors.ToArray(), (a, b) => Math.Abs(a - b) < 1e-3f);
        var bundle = BundleExporter.Export(_folder["a"], _folder["bundle"]);
        Assert.Equal(transform.Map.ToArray(), bundle.Transform!.Map.ToArray());
        Assert.Equal(plain.Select(["red+star"]).Through(transform).Vectors.ToArray(), bundle.FindLabels(["red+star"], _sample.VectorsPath).Vectors.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        // The file is plain safetensors, as other programs read it.
        Assert.Equal([300L, 300L], Safetensors.Read(_folder["a", TrainingRun.TransformName])["map"].Shape);

        File.Delete(_folder["a", TrainingRun.TransformName]);
        Assert.Contains("expected the transform", Assert.Throws<DeviseInputException>(() => BundleExporter.Export(_folder["a"], _folder["other"])).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["a", TrainingRun.TransformName], "of an older run");
        Assert.Null(Train("a", Small).ReadTransform(_folder["a"]));
        Assert.False(File.Exists(_folder["a", TrainingRun.TransformName]));
    }

    [Fact]
    public void ConSE_is_exported_from_stage_1_alone()
    {
        var run = Train("a", Small);
        (run with { Gamma = 0.31 }).Write(_folder["a"]);
        Assert.Equal((BundleHead.Devise, null, 0.31), Facts(BundleExporter.Export(_folder["a"], _folder["devise"])));
        File.Delete(_folder["a", TrainingRun.Stage2Name]);
        var bundle = BundleExporter.Export(_folder["a"], _folder["conse"], options: new() { Head = BundleHead.Conse, ConseTop = 7 });
        Assert.Equal((BundleHead.Conse, 7, null), Facts(bundle));
        Assert.Equal(run.Stage1Parameters, bundle.Manifest.Parameters);
        Assert.InRange(bundle.Manifest.ParityMaxDifference, 0, ParityCheck.Limit);
        using var scorer = new ImageScorer(bundle, new() { K = 3 });
        var row = Assert.Single(scorer.Score([Directory.GetFiles(_folder["data", "JPEGImages", _sample.Classes[0]])[0]], TestContext.Current.CancellationToken));
        Assert.Equal(300, row.Embedding!.Value.Length);
        // More labels than there are: all of them.
        Assert.Equal(63, BundleExporter.Export(_folder["a"], _folder["all"], options: new() { Head = BundleHead.Conse, ConseTop = 1000 }).Manifest.ConseTop);

        Assert.Contains("conse-top: 0", Assert.Throws<DeviseInputException>(() => BundleExporter.Export(_folder["a"], _folder["no"], options: new() { ConseTop = 0 })).Message, StringComparison.Ordinal);
        (run with { Stage1Parameters = null }).Write(_folder["a"]);
        Assert.Contains("trained without stage 1", Assert.Throws<DeviseInputException>(() => BundleExporter.Export(_folder["a"], _folder["no"], options: new() { Head = BundleHead.Conse })).Message, StringComparison.Ordinal);

        static (BundleHead, int?, double?) Facts(ModelBundle bundle) => (bundle.Manifest.Head, bundle.Manifest.ConseTop, bundle.Manifest.Gamma);
    }

    [Fact]
    public void Stage_2_may_start_from_the_pretrained_weights_again_and_take_their_classifier_with_it()
    {
        var weights = Pretrained();
        var vectors = _folder.Write("known.vec", Vocabulary(120));
        var options = Small with { Pretrained = weights, Prior = new(), Stage2Start = Stage2Start.Pretrained, Stage2 = [new() { Epochs = 1, Frozen = true, LearningRate = 1e-2 }] };
        var run = Train("a", options, vectors: vectors);
        // Some more end in one of these words.
        Assert.InRange(run.KnownLabels.Count, 120, 160);
        Assert.Equal("tench", run.KnownLabels[0]);
        Assert.Empty(run.Warnings);
        var (first, second, third) = (Safetensors.Read(weights), Safetensors.Read(_folder["a", TrainingRun.Stage1Name]), Safetensors.Read(_folder["a", TrainingRun.Stage2Name]));
        Assert.Equal(first["features.0.weight"].Values, third["features.0.weight"].Values);
        Assert.NotEqual(first["features.0.weight"].Values, second["features.0.weight"].Values);
        Assert.Equal(first["classifier.1.weight"].Values[..512], third["prior.classifier.weight"].Values[..512]);
        Assert.Equal(1_404_868 + run.KnownLabels.Count * 513, run.Stage2Parameters);
        foreach (var precision in (BundlePrecision[])[BundlePrecision.Fp32, BundlePrecision.Int8])
        {
            var bundle = BundleExporter.Export(_folder["a"], _folder["bundle"], options: new() { Precision = precision });
            Assert.InRange(bundle.Manifest.ParityMaxDifference, 0, ParityCheck.Limit);
        }

        var few = Train("b", options, vectors: _folder.Write("few.vec", Vocabulary(50)));
        Assert.Empty(few.KnownLabels);
        Assert.Matches("only [5-9][0-9] of ImageNet's 1000 labels .*expected at least 100", Assert.Single(few.Warnings));
    }

    [Fact]
    public void Trial_heads_for_gamma_train_as_stage_2_does()
    {
        foreach (var name in _sample.Classes.Take(20))
            foreach (var file in Directory.GetFiles(_folder["data", "JPEGImages", name])[..2]) File.Delete(file);
        var options = Small with { Stage1 = [] };
        var plain = Train("a", options).Gamma;
        Assert.NotNull(plain);
        Assert.NotEqual(plain, Train("b", options with { Balance = ClassBalance.Weights }).Gamma);
        Assert.NotEqual(plain, Train("c", options with { GradientClip = 1e-12 }).Gamma);
    }

    [Fact]
    public void Distractors_of_a_fold_are_none_of_the_classes_it_leaves_out()
    {
        var plain = ImageDataset.Open(_sample.Folder);
        var data = ImageDataset.Open(_sample.Folder, new() { Fold = 1, Folds = 4 });
        Assert.Equal(plain.Unseen, data.LeftOut);
        var vectors = _folder.Write("v.vec", $"{plain.Unseen.Count + 4} 2\n" + string.Concat(plain.Unseen.Select(name => $"{name.Replace('+', '_')} 1 0\n")) + "other 0 1\nmore 0 2\na+b 1 1\nc -1 1\n");
        var labels = new LabelSpace([.. data.Seen, .. data.Unseen], [.. Enumerable.Range(0, 2 * (data.Seen.Count + data.Unseen.Count)).Select(i => 1f + i % 3)]);
        var targets = TrainingTargets.Of(data, labels, vectors, new() { Loss = new() { Kind = EmbeddingLoss.Softmax, Distractors = 2 } });
        Assert.Equal([0, 1, 0, 1], targets.Distractors);
        Assert.Null(targets.Transform);
        Assert.Equal(labels.Vectors.ToArray(), targets.Labels.Vectors.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.StartsWith("augment.zoom: 0.5", Assert.Throws<DeviseInputException>(() => (Small with { Augment = new() { Zoom = 0.5 } }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("stage2: no phases", Assert.Throws<DeviseInputException>(() => (Small with { Stage2 = [] }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("pretrained: none", Assert.Throws<DeviseInputException>(() => (Small with { Stage1 = [], Stage2 = [new() { Epochs = 1, Frozen = true, LearningRate = 1 }] }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("stage2.frozenLayers: 13, but squeezenet1_1 has 13 layers, expected 0..12", Assert.Throws<DeviseInputException>(() => (Small with { Stage2 = [Small.Stage2[0], new() { Epochs = 1, FrozenLayers = 13, LearningRate = 1 }] }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("stage1.frozenLayers: 8, but resnet34 has 8", Assert.Throws<DeviseInputException>(() => (Small with { Backbone = "resnet34", Stage1 = [new() { Epochs = 1, FrozenLayers = 8, LearningRate = 1 }] }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("batchSize: 1", Assert.Throws<DeviseInputException>(() => (Small with { BatchSize = 1 }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("batchSize: 683 images of 1024 × 1024 pixels, expected at most 682", Assert.Throws<DeviseInputException>(() => (Small with { ImageSize = 1024, BatchSize = 683 }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("stage2.lowestLearningRate: 20", Assert.Throws<DeviseInputException>(() => (Small with { Stage2 = [new() { Epochs = 1, LearningRate = 1, LowestLearningRate = 20 }] }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("oneCycle.momentumLow: 1,", Assert.Throws<DeviseInputException>(() => (Small with { OneCycle = new() { MomentumLow = 1 } }).Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_would_be_passed_over_are_refused()
    {
        Assert.StartsWith("stage1.trainNorms: counts only in a frozen phase", Assert.Throws<DeviseInputException>(() => (Small with { Stage1 = [new() { Epochs = 1, TrainNorms = true, LearningRate = 1 }] }).Validate()).Message, StringComparison.Ordinal);
        Assert.StartsWith("stage2.lowestLearningRate: a frozen phase has one rate", Assert.Throws<DeviseInputException>(() => (Small with { Stage2 = [new() { Epochs = 1, Frozen = true, LearningRate = 1, LowestLearningRate = 0.1 }] }).Validate()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>All images of seen classes are for training.</summary>
    private void LeaveNothingToValidate()
    {
        var data = ImageDataset.Open(_sample.Folder);
        _folder.Write("data/split.csv", "path,split\n" + string.Concat(data.Items.Select(item => $"{item.Path},{(data.Unseen.Contains(item.Label) ? "test" : "train")}\n")));
    }

    /// <summary>Weights with a classifier, as torchvision names them, of random numbers.</summary>
    private string Pretrained()
    {
        TorchNative.Ensure();
        using var scope = TorchSharp.torch.NewDisposeScope();
        TorchSharp.torch.random.manual_seed(3);
        var (features, classifier) = (SqueezeNet11.Features(), SqueezeNet11.Classifier());
        Safetensors.Write(_folder["weights.safetensors"], [
            .. Weights.Save(features).Select(entry => ($"features.{entry.Name}", entry.Tensor)), .. Weights.Save(classifier).Select(entry => ($"classifier.{entry.Name}", entry.Tensor))]);
        return _folder["weights.safetensors"];
    }

    /// <summary>The sample's words, and vectors for some of ImageNet's labels.</summary>
    private string Vocabulary(int known)
    {
        var lines = File.ReadAllLines(_sample.VectorsPath)[1..];
        var random = new Random(1);
        string[] further = [.. ImageNetClasses.Synonyms.Take(known).Select(synonyms => $"{synonyms[0]} {string.Join(' ', Enumerable.Range(0, 300).Select(_ => FormattableString.Invariant($"{random.NextSingle() - 0.5f:R}")))}")];
        return $"{lines.Length + known} 300\n{string.Join('\n', lines.Concat(further))}\n";
    }

    private TrainingRun Train(string name, TrainingOptions options, Action<TrainingProgress>? progress = null, CancellationTokenSource? stop = null, RunSettings? how = null, string? vectors = null)
    {
        vectors ??= _sample.VectorsPath;
        var data = ImageDataset.Open(_sample.Folder, new() { Seed = options.Seed });
        return Trainer.Train(data, LabelSpace.FromVec([.. data.Seen, .. data.Unseen], vectors), vectors, options, _folder[name], how, progress, stop?.Token ?? TestContext.Current.CancellationToken);
    }
}
