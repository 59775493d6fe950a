using System.Text.Json.Nodes;
using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests;

/// <summary>A run stopped anywhere and resumed ends with the same weights, bit for bit.</summary>
public sealed class ResumeTests : IDisposable
{
    /// <summary>Everything that has state: averages, best epochs, a learnt factor, frozen phases on pooled views, whole ones.</summary>
    private static readonly TrainingOptions Everything = new()
    {
        ImageSize = 32,
        BatchSize = 32,
        Threads = 1,
        Seed = 3,
        Ema = 0.9,
        KeepBest = true,
        GradientClip = 1,
        DecayBiases = false,
        Loss = new() { Kind = EmbeddingLoss.Softmax },
        Stage1 = [new() { Epochs = 2, LearningRate = 1e-3 }],
        Stage2 = [new() { Epochs = 2, Frozen = true, LearningRate = 1e-3 }, new() { Epochs = 1, FrozenLayers = 4, LearningRate = 1e-3, LowestLearningRate = 1e-4 }],
    };

    private readonly TemporaryFolder _folder = new();
    private readonly DrawnSampleResult _sample;

    public ResumeTests() => _sample = DrawnSample.Write(_folder["data"], new() { ImagesPerClass = 4, Size = 32 }, cancel: TestContext.Current.CancellationToken);

    [Fact]
    public void Wherever_it_is_stopped_a_resumed_run_ends_the_same()
    {
        var steps = 0;
        Train("whole", Everything, progress: _ => steps++);
        var random = new Random(5);
        var stops = 0;
        // Each process of the run lives for a few steps; the caches of the frozen phase stay or are lost.
        for (var (done, left) = (false, 200); !done && left > 0; left--)
        {
            using var stop = new CancellationTokenSource();
            var life = random.Next(1, steps / 3);
            try
            {
                Train("broken", Everything, new() { Resume = true, CheckpointEvery = TimeSpan.FromTicks(1) }, _ => { if (--life == 0) stop.Cancel(); }, stop.Token);
                done = true;
            }
            catch (OperationCanceledException) { stops++; }
            if (random.Next(2) == 0 && Directory.Exists(_folder["broken", "cache"])) Directory.Delete(_folder["broken", "cache"], recursive: true);
        }
        Assert.True(stops > 2, $"{stops} stops");
        Same("whole", "broken");
        Assert.False(File.Exists(_folder["broken", Checkpoint.FileName]));
        Assert.False(Directory.Exists(_folder["broken", "cache"]));
    }

    [Fact]
    public void Without_a_last_checkpoint_it_goes_on_from_an_earlier_one()
    {
        Train("whole", Everything);
        // A process that is killed writes nothing any more: what it leaves is the end of an epoch.
        Assert.Throws<InvalidOperationException>(() => Train("broken", Everything, progress: at => { if (at is { Stage: 2, Epoch: 2, Step: 3, Finished: null }) throw new InvalidOperationException("killed"); }));
        _folder.Write($"broken/{Checkpoint.FileName}.1-2.partial", "half");
        Train("broken", Everything, new() { Resume = true });
        Same("whole", "broken");
        Assert.Empty(Directory.GetFiles(_folder["broken"], "*.partial"));
    }

    [Fact]
    public void An_unfinished_run_is_not_thrown_away_unasked_and_a_finished_one_not_trained_again()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("a", Everything, progress: at => { if (at.Finished is not null) stop.Cancel(); }, stop: stop.Token));
        Assert.Contains("go on with --resume", Assert.Throws<DeviseInputException>(() => Train("a", Everything)).Message, StringComparison.Ordinal);
        var error = Assert.Throws<DeviseInputException>(() => Train("a", Everything with { BatchSize = 16 }, new() { Resume = true })).Message;
        Assert.Contains("begun with other batchSize (then 32, now 16)", error, StringComparison.Ordinal);
        var first = Train("a", Everything, new() { Resume = true });
        var steps = 0;
        Assert.Equal(first.ToJson(), Train("a", Everything, new() { Resume = true }, _ => steps++).ToJson());
        Assert.Equal(0, steps);

        // Nor replaced, where other options are asked for.
        error = Assert.Throws<DeviseInputException>(() => Train("a", Everything with { BatchSize = 16 }, new() { Resume = true })).Message;
        Assert.Contains("a finished run with other batchSize (then 32, now 16) is in it; name another folder, or leave out --resume to replace it", error, StringComparison.Ordinal);
        Assert.Equal(first.ToJson(), TrainingRun.Read(_folder["a"]).ToJson());
    }

    [Fact]
    public void A_finished_run_of_other_data_is_not_taken_for_this_one()
    {
        var options = Everything with { Stage1 = [], Stage2 = [new() { Epochs = 1, LearningRate = 1e-3 }] };
        Train("a", options);
        Assert.Contains("other classes", Refused(new() { Fold = 1, Folds = 4 }), StringComparison.Ordinal);
        Assert.Contains("other images", Refused(new() { ValidFraction = 0.5 }), StringComparison.Ordinal);

        string Refused(ImageDatasetOptions other)
        {
            var data = ImageDataset.Open(_sample.Folder, other);
            return Assert.Throws<DeviseInputException>(() => Trainer.Train(data, LabelSpace.FromVec([.. data.Seen, .. data.Unseen], _sample.VectorsPath), _sample.VectorsPath, options, _folder["a"], new() { Resume = true })).Message;
        }
    }

    [Fact]
    public void Stopped_while_gamma_is_chosen_it_goes_on()
    {
        var options = Everything with { Stage1 = [] };
        Train("whole", options);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("broken", options, progress: _ => stop.Cancel(), stop: stop.Token));
        Assert.Contains("go on with --resume", Assert.Throws<DeviseInputException>(() => Train("broken", options)).Message, StringComparison.Ordinal);
        var resumed = Train("broken", options, new() { Resume = true });
        Assert.Equal(TrainingRun.Read(_folder["whole"]).Gamma, resumed.Gamma);
        Assert.Equal(File.ReadAllBytes(_folder["whole", TrainingRun.Stage2Name]), File.ReadAllBytes(_folder["broken", TrainingRun.Stage2Name]));
    }

    [Fact]
    public void A_head_trained_on_a_backbone_that_was_averaged_is_validated_the_same_when_resumed()
    {
        var options = Everything with { Stage1 = [], Calibrate = false, Stage2 = [new() { Epochs = 1, LearningRate = 1e-3 }, new() { Epochs = 3, Frozen = true, LearningRate = 1e-3 }] };
        Train("whole", options);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("broken", options, progress: at => { if (at.Finished?.Epoch == 2) stop.Cancel(); }, stop: stop.Token));
        Train("broken", options, new() { Resume = true });
        Assert.Equal(Losses("whole"), Losses("broken"));

        double[] Losses(string name) => [.. EpochRecord.Read(_folder[name, TrainingRun.HistoryName]).Select(epoch => epoch.ValidLoss)];
    }

    [Fact]
    public void Other_weights_of_the_same_size_are_not_taken_for_those_it_was_begun_with()
    {
        var options = Everything with { Stage1 = [], Calibrate = false };
        Train("first", options);
        var weights = _folder["weights.safetensors"];
        File.Copy(_folder["first", TrainingRun.Stage2Name], weights);
        options = options with { Pretrained = weights };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("a", options, progress: _ => stop.Cancel(), stop: stop.Token));
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.Contains("begun with other weights", Assert.Throws<DeviseInputException>(() => Train("a", options, new() { Resume = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_targets_are_not_taken_for_those_it_was_begun_with()
    {
        var data = ImageDataset.Open(_sample.Folder);
        var labels = LabelSpace.FromVec([.. data.Seen, .. data.Unseen], _sample.VectorsPath);
        var targets = new TrainingTargets(labels, null, [1, 0], new([3], [1, 0], 2));
        Assert.Null(Differences(targets with { Known = new([3], [1, 0], 2) }));
        Assert.StartsWith("labels (", Differences(targets with { Labels = new(labels.Names, [.. labels.Vectors.ToArray().Reverse()]) }), StringComparison.Ordinal);
        Assert.StartsWith("distractors (", Differences(targets with { Distractors = [0, 1] }), StringComparison.Ordinal);
        Assert.StartsWith("knownLabels (", Differences(targets with { Known = new([3], [0, 1], 2) }), StringComparison.Ordinal);
        Assert.StartsWith("knownLabels (", Differences(targets with { Known = new([4], [1, 0], 2) }), StringComparison.Ordinal);

        string? Differences(TrainingTargets other) => RunFolder.Differences(Basis(targets), Basis(other));
        JsonObject Basis(TrainingTargets of) => JsonNode.Parse(RunFolder.Basis(Everything, data, of))!.AsObject();
    }

    [Fact]
    public void A_row_of_history_that_a_killed_process_did_not_write_is_there_in_the_end()
    {
        var options = Everything with { Stage1 = [], Calibrate = false };
        Assert.Throws<InvalidOperationException>(() => Train("a", options, progress: at => { if (at.Finished is { Epoch: 3 }) throw new InvalidOperationException("killed"); }));
        var history = _folder["a", TrainingRun.HistoryName];
        File.WriteAllLines(history, File.ReadAllLines(history)[..^1]);
        Train("a", options, new() { Resume = true });
        Assert.Equal([1, 2, 3], EpochRecord.Read(history).Select(epoch => epoch.Epoch));
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_by_name()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("a", Everything, progress: at => { if (at.Finished is not null) stop.Cancel(); }, stop: stop.Token));
        var path = _folder["a", Checkpoint.FileName];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^8]);
        Assert.StartsWith(path, Assert.Throws<DeviseInputException>(() => Train("a", Everything, new() { Resume = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stage_1_of_another_run_can_be_the_beginning()
    {
        Train("a", Everything);
        var b = Train("b", Everything with { Stage1Run = _folder["a"], Stage1 = [] });
        Same("a", "b");
        Assert.Equal(5, EpochRecord.Read(_folder["b", TrainingRun.HistoryName]).Count);
        Assert.Equal(TrainingRun.Read(_folder["a"]).Stage1Accuracy, b.Stage1Accuracy);
    }

    [Fact]
    public void Pooled_views_change_nothing_but_the_time()
    {
        // One view an epoch is what running the backbone in every step would see, but for rounding.
        var options = Everything with { Threads = 2, Ema = 0, KeepBest = false, Precision = TrainingPrecision.Fp32, Stage2 = [Everything.Stage2[0]] };
        var (views, steps) = (new List<(bool Finished, int Threads)>(), new List<int>());
        Train("views", options, progress: at => views.Add((at.Finished is not null, get_num_threads())));
        Train("steps", options with { Views = 0 }, progress: _ => steps.Add(get_num_threads()));
        // The head alone takes one thread; all else has as many as were asked for, and again after each epoch.
        Assert.Contains((false, 1), views);
        Assert.All(views, at => Assert.True(at.Threads == 2 || !at.Finished));
        Assert.All(steps, threads => Assert.Equal(2, threads));
        var (a, b) = (Safetensors.Read(_folder["views", TrainingRun.Stage2Name]), Safetensors.Read(_folder["steps", TrainingRun.Stage2Name]));
        foreach (var (name, tensor) in a) Assert.True(tensor.Values.Zip(b[name].Values, (x, y) => Math.Abs(x - y)).Max() < 2e-3, name);
    }

    public void Dispose() => _folder.Dispose();

    private void Same(string a, string b)
    {
        foreach (var name in (string[])[TrainingRun.Stage1Name, TrainingRun.Stage2Name])
            Assert.Equal(File.ReadAllBytes(_folder[a, name]), File.ReadAllBytes(_folder[b, name]));
    }

    private TrainingRun Train(string name, TrainingOptions options, RunSettings? how = null, Action<TrainingProgress>? progress = null, CancellationToken? stop = null)
    {
        var data = ImageDataset.Open(_sample.Folder, new() { Seed = options.Seed });
        return Trainer.Train(data, LabelSpace.FromVec([.. data.Seen, .. data.Unseen], _sample.VectorsPath), _sample.VectorsPath, options, _folder[name], how, progress, stop ?? TestContext.Current.CancellationToken);
    }
}
