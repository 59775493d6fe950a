using System.Text;
using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Tests;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Tests;

/// <summary>What an experiment keeps of an earlier one, and what it refuses to take for its own.</summary>
public sealed class ExperimentTests : IDisposable
{
    private const string Common = "\"imageSize\": 32, \"batchSize\": 64, \"calibrate\": false, \"stage1\": [ { \"epochs\": 1, \"learningRate\": 1e-3 } ], \"stage2\": [ { \"epochs\": 1, \"learningRate\": 1e-3 } ]";

    private readonly TemporaryFolder _folder = new();
    private readonly DrawnSampleResult _sample;

    public ExperimentTests() => _sample = DrawnSample.Write(_folder["data"], new() { ImagesPerClass = 4, Size = 32 }, cancel: TestContext.Current.CancellationToken);

    [Fact]
    public void Figures_are_kept_for_the_same_recipes_alone_and_stage_1_is_shared()
    {
        var file = Write("""[ { "name": "cosine" }, { "name": "softmax", "training": { "loss": { "kind": "softmax" } } } ]""");
        string[] words = ["experiment", file, "--out", _folder["out"]];
        var first = Devise.Run(words);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Equal(_folder["out", "seed0", "cosine", "run"], TrainingRun.Read(_folder["out", "seed0", "softmax", "run"]).Options.Stage1Run);
        var again = Devise.Run(words);
        Assert.Equal((0, first.Output), (again.ExitCode, again.Output));
        Assert.DoesNotContain("──", again.Error, StringComparison.Ordinal);

        // Moved, and as folders were before they kept recipes.
        Directory.Move(_folder["out"], _folder["moved"]);
        foreach (var row in (string[])["cosine", "softmax"]) File.Delete(_folder["moved", "seed0", row, ExperimentIdentity.FileName]);
        var moved = Devise.Run("experiment", file, "--out", _folder["moved"]);
        Assert.Equal((0, first.Output), (moved.ExitCode, moved.Output));
        Assert.DoesNotContain("──", moved.Error, StringComparison.Ordinal);

        Write("""[ { "name": "cosine" }, { "name": "softmax", "training": { "loss": { "kind": "softmax", "scale": 7 } } } ]""");
        var edited = Devise.Run("experiment", file, "--out", _folder["moved"]);
        Assert.Equal(2, edited.ExitCode);
        Assert.Contains($"{_folder["moved", "seed0", "softmax"]}: what is in it was made with other loss (then ", edited.Complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null), InlineData("recipe", "other imageSize (then 64, now 32)"), InlineData("images", "other images (then "), InlineData("vectors", "other word vectors (then \"other.vec\", now \"vectors.vec, ")]
    [InlineData("weights", "other weights (then \"w.pth\", now none)"), InlineData("seed", "other seed (then 3, now 0)"), InlineData("stage 1", "other stage1Run, stage1 (then ")]
    public void A_run_from_before_recipes_were_kept_counts_if_it_says_the_same(string other, string? expected)
    {
        var experiment = ExperimentFile.Read(Write("""[ { "name": "a" }, { "name": "b", "training": { "views": 0 } } ]"""));
        var part = new ExperimentPart(experiment, _folder["out"], 0, null, null);
        Finish(_folder["out", "seed0", "b", "run"], experiment.Rows[1].Training!);
        Finish(_folder["out", "seed0", "a", "run"], other switch
        {
            "recipe" => experiment.Rows[0].Training! with { ImageSize = 64 },
            "weights" => experiment.Rows[0].Training! with { Pretrained = "gone/w.pth" },
            "seed" => experiment.Rows[0].Training! with { Seed = 3 },
            // Taken from a row whose first stage is another.
            "stage 1" => experiment.Rows[0].Training! with { Stage1Run = "out/seed0/b/run", Stage1 = [] },
            _ => experiment.Rows[0].Training!,
        }, other == "vectors" ? "other.vec" : null, other == "images" ? _folder["elsewhere"] : null);
        if (expected is not null)
        {
            Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => part.Check(experiment.Rows[0])).Message, StringComparison.Ordinal);
            return;
        }
        part.Check(experiment.Rows[0]);
        // From now on every byte counts.
        File.AppendAllText(Directory.GetFiles(_folder["data", "JPEGImages"], "*", SearchOption.AllDirectories)[0], " ");
        var later = new ExperimentPart(experiment, _folder["out"], 0, null, null);
        Assert.Contains("other images (then ", Assert.Throws<DeviseInputException>(() => later.Check(experiment.Rows[0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folds_of_another_number_are_not_mixed_up()
    {
        var experiment = ExperimentFile.Read(Write("""[ { "name": "a" } ]"""));
        // Named as before the number of folds was part of it.
        var data = ImageDataset.Open(_sample.Folder, new() { Fold = 1, Folds = 2 });
        Finish(_folder["out", "seed0-fold1", "a", "run"], experiment.Rows[0].Training! with { ImageSize = 64 }, data: data);
        Assert.Contains("imageSize", Assert.Throws<DeviseInputException>(() => new ExperimentPart(experiment, _folder["out"], 0, 1, 2).Check(experiment.Rows[0])).Message, StringComparison.Ordinal);
        new ExperimentPart(experiment, _folder["out"], 0, 1, 3).Check(experiment.Rows[0]);
        foreach (var folds in (int[])[0, 1, -1, 101])
        {
            var answer = Devise.Run("experiment", _folder["e.json"], "--out", _folder["out"], $"--folds={folds}");
            Assert.Equal((2, $"--folds: {folds}, expected 2..100"), (answer.ExitCode, answer.Complaint));
        }
    }

    [Fact]
    public void What_is_not_there_is_told_before_anything_is_made()
    {
        var file = Write("""[ { "name": "a" } ]""");
        foreach (var (option, expected) in (IEnumerable<(string, string)>)[("--vectors", "no such word-vector file"), ("--pretrained", "no such file, expected weights to start from")])
        {
            var answer = Devise.Run("experiment", file, "--out", _folder["out"], option, _folder["gone"]);
            Assert.Equal(2, answer.ExitCode);
            Assert.Contains($"{_folder["gone"]}: {expected}", answer.Complaint, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void A_recipe_of_which_nothing_was_made_does_not_count()
    {
        var experiment = ExperimentFile.Read(Write("""[ { "name": "a" } ]"""));
        var row = experiment.Rows[0];
        ExperimentIdentity.Of(experiment, row, row.Training! with { ImageSize = 64 }, "others").Write(_folder["out", "seed0", "a"]);
        new ExperimentPart(experiment, _folder["out"], 0, null, null).Check(row);
        Checkpoint.Write(_folder["out", "seed0", "a", "run"], new(), []);
        Assert.Contains("made with other imageSize", Assert.Throws<DeviseInputException>(() => new ExperimentPart(experiment, _folder["out"], 0, null, null).Check(row)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cache", "row 'Cache', expected another name"), InlineData(".", "row '.', expected a name that can be a folder's"), InlineData("..", "row '..', expected a name")]
    public void Names_that_are_no_folder_of_a_rows_own_are_refused(string name, string expected) =>
        Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => ExperimentFile.Read(Write($$"""[ { "name": "{{name}}" } ]"""))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_there_twice_is_not_counted_twice()
    {
        var file = Write("""[ { "name": "a" } ]""");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"rows\"", "\"seeds\": [0, 1, 0], \"rows\"", StringComparison.Ordinal));
        Assert.Contains("seed 0 is there twice", Assert.Throws<DeviseInputException>(() => ExperimentFile.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_moved_folder_is_known_by_the_names_of_runs()
    {
        var experiment = ExperimentFile.Read(Write("""[ { "name": "a", "training": { "stage1Run": "first/run", "stage1": [] } } ]"""));
        var row = experiment.Rows[0];
        var identity = ExperimentIdentity.Of(experiment, row, row.Training!, "images");
        identity.CheckSame("", identity with { Recipe = row.Training! with { Stage1Run = "/elsewhere/first/run" } });
        Assert.Contains("stage1Run", Assert.Throws<DeviseInputException>(() => identity.CheckSame("", identity with { Recipe = row.Training! with { Stage1Run = "/elsewhere/second/run" } })).Message, StringComparison.Ordinal);

        // An interrupted row that had taken the first stage of another.
        const string Basis = "{ \"stage1Run\": \"/before/seed0/cosine/run\", \"seed\": 0 }";
        var run = _folder["out", "seed0", "a", "run"];
        Checkpoint.Write(run, new() { Basis = Basis }, []);
        var shared = ExperimentStage1.Share(_folder["out", "seed0"], run, experiment.Rows[0].Training! with { Stage1Run = null, Stage1 = [new() { Epochs = 1, LearningRate = 1e-3 }] }, identity);
        Assert.Equal((_folder["out", "seed0", "cosine", "run"], 0), (shared.Stage1Run, shared.Stage1.Count));
        Assert.NotNull(RunFolder.Open(run, Basis.Replace("/before", "/after", StringComparison.Ordinal), new() { Resume = true }));
        Assert.Contains("other stage1Run", Assert.Throws<DeviseInputException>(() => RunFolder.Open(run, Basis.Replace("cosine", "softmax", StringComparison.Ordinal), new() { Resume = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_keep_names_whole_and_tell_folds_apart()
    {
        var report = Evaluator.Run(new EvaluationInput
        {
            Images = [new("a.png", "cat", Split.Valid, [1, 0]), new("b.png", "dog", Split.Valid, [0, 1])],
            Labels = new(["cat", "dog"], [1, 0, 0, 1]),
            Seen = ["cat", "dog"],
            Unseen = [],
            Model = new(1, 1, "tiny"),
            Stage1Accuracy = 0.5,
            Intervals = new() { Resamples = 0 },
        }).Report;
        var (name, plain) = ("a,\"b|c\"", new ExperimentResult("d", 1, null, report));
        var csv = Csv([new(name, 0, 0, report), new(name, 0, 1, report)]).Split('\n');
        Assert.StartsWith("recipe,seed,fold,stage1,", csv[0], StringComparison.Ordinal);
        Assert.StartsWith("\"a,\"\"b|c\"\"\",0,1,0.5,", csv[2], StringComparison.Ordinal);
        Assert.StartsWith("recipe,seed,stage1,", Csv([plain]), StringComparison.Ordinal);
        Assert.StartsWith("d,1,0.5,", Csv([plain]).Split('\n')[1], StringComparison.Ordinal);
        Assert.StartsWith("| a,\"b\\|c\" | 50.0 ", ExperimentTable.Markdown([new(name, 0, null, report)]).Split('\n')[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_without_their_run_are_refused()
    {
        var experiment = ExperimentFile.Read(Write("""[ { "name": "a" } ]"""));
        _folder.Write("out/seed0/a/metrics.json", "{}");
        Assert.Contains("metrics.json without the run", Assert.Throws<DeviseInputException>(() => new ExperimentPart(experiment, _folder["out"], 0, null, null).Check(experiment.Rows[0])).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string rows) => _folder.Write("e.json", $$"""{ "data": "data", "vectors": "data/{{Path.GetFileName(_sample.VectorsPath)}}", "training": { {{Common}} }, "rows": {{rows}} }""");

    private void Finish(string run, TrainingOptions options, string? vectors = null, string? folder = null, ImageDataset? data = null)
    {
        Directory.CreateDirectory(run);
        data ??= ImageDataset.Open(_sample.Folder);
        new TrainingRun
        {
            Options = options,
            Data = folder ?? data.Folder,
            Vectors = vectors ?? Path.GetFileName(_sample.VectorsPath),
            Seen = data.Seen,
            Unseen = data.Unseen,
            Images = Enum.GetValues<Split>().ToDictionary(split => split.ToString().ToLowerInvariant(), split => data.Of(split).Count()),
            Stage2Parameters = 1,
            Seconds = 1,
        }.Write(run);
    }

    private static string Csv(IReadOnlyCollection<ExperimentResult> results)
    {
        using var stream = new MemoryStream();
        ExperimentTable.WriteCsv(stream, results);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
