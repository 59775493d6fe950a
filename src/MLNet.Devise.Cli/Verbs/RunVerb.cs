using System.CommandLine;
using System.Diagnostics;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise run</c>: a pipeline file from data to report.</summary>
internal static class RunVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("PIPELINE") { Description = "A pipeline file, for instance pipelines/sample.json." };
        var output = new Option<string?>("--out") { Description = "Where everything goes (default: artifacts/<name of the pipeline>)." };
        var command = new Command("run", "Everything: data, both stages, export, scoring, evaluation, report.") { file, output };
        foreach (var option in TrainVerb.HowOptions) command.Options.Add(option);
        return command.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            Run(session, PipelineFile.Read(path), Path.GetFileNameWithoutExtension(path), parsed.GetValue(output) ?? Path.Combine("artifacts", Path.GetFileNameWithoutExtension(path)), TrainVerb.How(parsed));
        });
    }

    private static void Run(Session session, PipelineFile pipeline, string name, string output, RunSettings how)
    {
        var clock = Stopwatch.StartNew();
        var timing = new Dictionary<string, double>();
        T Step<T>(string title, string key, Func<T> work)
        {
            session.Say($"── {title}");
            var started = clock.Elapsed;
            var result = work();
            timing[key] = (clock.Elapsed - started).TotalSeconds;
            return result;
        }
        string In(params string[] names) => Path.Combine([output, .. names]);

        var training = session.Seed is { } seed ? pipeline.Training with { Seed = seed } : pipeline.Training;
        var (folder, vectors) = (pipeline.Data, pipeline.Vectors);
        if (pipeline.Sample is { } options)
        {
            var sample = Step("data: the drawn sample", "dataSeconds", () => SampleVerb.Draw(session, In("data"), options with { Seed = session.Seed ?? options.Seed }));
            (folder, vectors) = (sample.Folder, sample.VectorsPath);
        }
        if (pipeline.Sounds is { } sounds)
        {
            var sample = Step("data: the sound sample", "dataSeconds", () => SampleVerb.Make(session, In("data"), sounds with { Seed = session.Seed ?? sounds.Seed }));
            (folder, vectors) = (sample.Folder, sample.VectorsPath);
        }
        var data = ImageDataset.Open(folder!, new ImageDatasetOptions { Seed = training.Seed });
        // What training makes must fit into the file of scores.
        ScoreFormats.Of(In("scores.csv")).CheckLabels(data.Seen.Concat(data.Unseen));
        // Told before training, not after it.
        ModelBundle.CheckReplaceable(In("bundle"));
        Step("training: TorchSharp, two stages", "trainSeconds", () => TrainVerb.Run(session, folder!, vectors!, training, In("run"), how));
        var bundle = Step("export: ONNX, compared with TorchSharp", "exportSeconds", () => BundleExporter.Export(In("run"), In("bundle"), session.Say));
        Step("scoring: ML.NET", "scoreSeconds", () => ScoreVerb.Run(session, bundle, new DeviseJobOptions { K = pipeline.TopLabels, Embeddings = true, Unfinished = UnfinishedJob.Restart }, (fitting, progress) =>
        {
            using var images = DatasetInputs.Of(data);
            return DeviseJob.RunOver(bundle, images, In("scores.csv"), fitting, progress, session.Cancellation);
        }));
        session.Say("── evaluation and report");
        var result = EvaluateVerb.Run(session, bundle, data, ScoreFile.Read(In("scores.csv")), bundle.Labels, output, pipeline.Title ?? name, timing, runFolder: In("run"));
        session.Say($"── done in {Duration.Text(clock.Elapsed)}");
        session.Answer(result.Report, text => EvaluateVerb.Summarize(text, result.Report, output));
    }
}
