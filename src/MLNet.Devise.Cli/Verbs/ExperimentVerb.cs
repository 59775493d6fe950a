using System.CommandLine;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise experiment</c>: several recipes over several seeds, one table.</summary>
internal static class ExperimentVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("EXPERIMENT") { Description = "An experiment file, for instance pipelines/experiments/recipes.json." };
        var output = new Option<string?>("--out") { Description = "Where everything goes (default: artifacts/<name of the experiment>)." };
        var rows = new Option<string[]>("--rows") { Description = "Only these recipes.", AllowMultipleArgumentsPerToken = true };
        var folds = new Option<int?>("--folds") { Description = "Cross-validate over seen classes: each recipe is trained once a fold, with the fold's seen classes held out as unseen, and the real unseen classes left out." };
        var data = new Option<string?>("--data") { Description = "Data folder instead of the file's." };
        var vectors = new Option<string?>("--vectors") { Description = "Word vectors instead of the file's." };
        var pretrained = new Option<string?>("--pretrained") { Description = "Weights instead of the file's." };
        return new Command("experiment", "Compare recipes: train, export and evaluate each over several seeds. What is done already is kept.") { file, output, rows, folds, data, vectors, pretrained }.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            var experiment = ExperimentFile.Read(path, parsed.GetValue(data), parsed.GetValue(vectors), parsed.GetValue(pretrained));
            if (parsed.GetValue(rows) is { Length: > 0 } wanted)
                experiment = experiment with { Rows = [.. wanted.Select(name => experiment.Rows.FirstOrDefault(row => row.Name == name) ?? throw new DeviseInputException($"--rows: '{name}', expected some of {string.Join(", ", experiment.Rows.Select(row => row.Name))}"))] };
            if (session.Seed is { } seed) experiment = experiment with { Seeds = [seed] };
            Run(session, experiment, parsed.GetValue(output) ?? Path.Combine("artifacts", Path.GetFileNameWithoutExtension(path)), parsed.GetValue(folds));
        });
    }

    private static void Run(Session session, ExperimentFile experiment, string output, int? folds)
    {
        var results = new List<(string Row, long Seed, EvaluationReport Report)>();
        foreach (var seed in experiment.Seeds)
            foreach (var fold in folds is { } count ? Enumerable.Range(0, count).Select(i => (int?)i) : [null])
            {
                var folder = Path.Combine(output, fold is null ? $"seed{seed}" : $"seed{seed}-fold{fold}");
                var data = ImageDataset.Open(experiment.Data, new() { Seed = seed, Fold = fold, Folds = folds ?? new ImageDatasetOptions().Folds });
                foreach (var row in experiment.Rows)
                {
                    results.Add((row.Name, seed, Measure(session, experiment, row, row.Training! with { Seed = seed }, data, folder)));
                    WholeFile.WriteText(Path.Combine(output, "table.csv"), ExperimentTable.Csv(results));
                    WholeFile.WriteText(Path.Combine(output, "table.md"), ExperimentTable.Markdown(results.OrderBy(result => experiment.Rows.Select((each, i) => (each.Name, i)).First(each => each.Name == result.Row).i)));
                }
                if (Path.Combine(folder, "cache") is var cache && Directory.Exists(cache)) Directory.Delete(cache, recursive: true);
            }
        session.Answer(results.Select(result => new { result.Row, result.Seed, result.Report }), text => text.Write(File.ReadAllText(Path.Combine(output, "table.md"))));
    }

    /// <summary>Trains, exports and evaluates one recipe, as far as that was not done before.</summary>
    private static EvaluationReport Measure(Session session, ExperimentFile experiment, ExperimentRow row, TrainingOptions options, ImageDataset data, string folder)
    {
        var metrics = Path.Combine(folder, row.Name, EvaluationReport.FileName);
        if (File.Exists(metrics)) return EvaluationReport.Read(metrics);
        session.Say($"── {row.Name}, {Path.GetFileName(folder)}");
        var run = Path.Combine(folder, row.Name, "run");
        // Recipes that differ in stage 2 only share their first stage.
        var stage1 = Path.Combine(folder, $"stage1-{Stage1Key(options):x8}.txt");
        var shared = File.Exists(stage1) ? File.ReadAllText(stage1) : run;
        if (shared != run) options = options with { Stage1Run = shared, Stage1 = [] };
        TrainVerb.Run(session, data, experiment.Vectors, options, run, new RunSettings { Resume = true, Cache = Path.Combine(folder, "cache") });
        if (shared == run) WholeFile.WriteText(stage1, run);
        var bundle = BundleExporter.Export(run, Path.Combine(folder, row.Name, "bundle"), null, new() { Head = row.Head });
        var (result, _) = Measurement.Of(session, bundle, data, Measurement.Embed(session, bundle, data), bundle.Labels, new Dictionary<string, double>());
        PredictionFile.Write(Path.Combine(folder, row.Name, PredictionFile.FileName), result.Predictions);
        result.Report.Write(metrics);
        return result.Report;
    }

    /// <summary>A hash of all that decides stage 1.</summary>
    private static uint Stage1Key(TrainingOptions options)
    {
        var first = options with { Loss = new(), Prior = null, Stage2Start = default, Views = null, LabelTransform = new(), Phrases = new(), Stage2 = new TrainingOptions().Stage2, Calibrate = false, Head = options.Head with { Kind = HeadKind.Fastai }, Mix = options.Mix with { Stage2 = false } };
        return (uint)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(JsonSerializer.Serialize(first).AsSpan()));
    }
}
