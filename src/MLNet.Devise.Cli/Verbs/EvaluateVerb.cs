using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Reports;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Export;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise evaluate</c>: a bundle against a labelled data folder → metrics.json, figures, report.html.</summary>
internal static class EvaluateVerb
{
    public static Command Create()
    {
        var bundle = new Argument<string>("BUNDLE") { Description = "Bundle made by 'devise export'." };
        var data = new Option<string>("--data") { Description = "Data folder, as for training.", Required = true };
        var vectors = new Option<string?>("--vectors") { Description = "Word vectors that it was trained with, or a cache of them: every word of the file competes in zero-shot, and --labels are looked up in it." };
        var labels = new Option<string?>("--labels") { Description = "Class list of further labels that compete in zero-shot; needs --vectors." };
        var hypernyms = new Option<string?>("--hypernyms") { Description = "Text file with a line 'child TAB parent' for each link, for hierarchical precision; must hold every class." };
        var resamples = new Option<int>("--resamples") { Description = "Bootstrap resamples for 95 % intervals; 0 for none.", DefaultValueFactory = _ => new BootstrapOptions().Resamples };
        var run = new Option<string?>("--run") { Description = "Folder of the run that the bundle was exported from: the report then shows stage 1's heat maps and the embeddings of every epoch too." };
        var output = new Option<string>("--out") { Description = "Where metrics.json, predictions.csv, figures/ and report.html go.", Required = true };
        var gamma = new Option<double?>("--gamma") { Description = "Taken off the cosines of seen labels where all compete (default: the bundle's own, chosen in training)." };
        var fold = FoldOption.Create();
        var provider = ProviderOption.Create();
        return new Command("evaluate", "Measure a bundle and write the report.") { bundle, data, vectors, labels, hypernyms, resamples, run, output, gamma, fold, provider }.Does((parsed, session) =>
        {
            if (parsed.GetValue(gamma) is { } given && !double.IsFinite(given)) throw new DeviseInputException($"--gamma: {given}, expected a finite number, usually 0..1");
            WholeFile.CheckWritable(Path.Combine(parsed.GetValue(output)!, EvaluationReport.FileName));
            var opened = ModelBundle.Open(parsed.GetValue(bundle)!);
            if (parsed.GetValue(labels) is not null && parsed.GetValue(vectors) is null) throw new DeviseInputException("evaluate: --labels without --vectors, expected the word vectors to look them up in");
            var options = new MeasurementOptions
            {
                Gamma = parsed.GetValue(gamma),
                Vocabulary = parsed.GetValue(vectors) is { } file ? new(file, opened.Transform) : null,
                Hypernyms = parsed.GetValue(hypernyms) is { } links ? Hypernyms.Read(links) : null,
                Intervals = new() { Resamples = parsed.GetValue(resamples), Seed = session.Seed ?? 0 },
            };
            var space = parsed.GetValue(labels) is { } list ? Widen(opened, ClassList.Read(list), parsed.GetValue(vectors)!) : opened.Labels;
            var dataset = ImageDataset.Open(parsed.GetValue(data)!, FoldOption.Apply(new ImageDatasetOptions { Seed = opened.Manifest.Seed }, parsed.GetValue(fold)));
            session.SayAll(dataset.Warnings, "remarks on the data");
            // Mistakes are told before the work of embedding, not after it.
            Measurement.CheckClasses(opened, dataset, space);
            EvaluatedImages.CheckRoom(dataset.Items.Select(item => (item.Label, item.Split)), dataset.Seen, space.Names.Count);
            options.Intervals.Validated();
            options.Hypernyms?.Hops([.. dataset.Seen, .. dataset.Unseen]);
            options.Vocabulary?.Check(opened.Manifest.Dimension);
            if (parsed.GetValue(run) is { } runFolder)
            {
                CheckRun(runFolder, opened);
                _ = TrainingRun.ReadEmbeddings(runFolder);
            }
            var started = DateTime.UtcNow;
            var rows = Measurement.Embed(session, opened, dataset, parsed.GetValue(provider));
            var timing = new Dictionary<string, double> { ["embedSeconds"] = (DateTime.UtcNow - started).TotalSeconds };
            var result = Run(session, opened, dataset, rows, space, parsed.GetValue(output)!, Path.GetFileName(dataset.Folder), timing, options, parsed.GetValue(run));
            session.Answer(result.Report, text => Summarize(text, result.Report, parsed.GetValue(output)!));
        });
    }

    /// <summary>Evaluates scored rows and writes everything; also used by <c>devise run</c>.</summary>
    /// <param name="session">Where words go.</param>
    /// <param name="bundle">The model.</param>
    /// <param name="data">The labels of the rows.</param>
    /// <param name="rows">Rows by the items' paths; rows of the train split are left out.</param>
    /// <param name="labels">The bundle's labels and further ones.</param>
    /// <param name="output">Folder.</param>
    /// <param name="title">Heading of the report.</param>
    /// <param name="timing">Seconds by what they were spent on.</param>
    /// <param name="options">What is measured beyond the usual.</param>
    /// <param name="runFolder">The run that the bundle was exported from, for what only its folder has; null for none.</param>
    /// <exception cref="DeviseInputException">The run is of other classes than the bundle.</exception>
    public static EvaluationResult Run(Session session, ModelBundle bundle, ImageDataset data, IEnumerable<ScoredImage> rows, LabelSpace labels, string output, string title, IReadOnlyDictionary<string, double> timing, MeasurementOptions? options = null, string? runFolder = null)
    {
        var manifest = bundle.Manifest;
        if (runFolder is not null) CheckRun(runFolder, bundle);
        var (result, skipped) = Measurement.Of(session, bundle, data, rows, labels, timing, options);
        PredictionFile.Write(Path.Combine(output, PredictionFile.FileName), result.Predictions);
        result.Report.Write(Path.Combine(output, EvaluationReport.FileName));
        using var heat = GradCam.Of(bundle, labels);
        using var classifierHeat = runFolder is null ? null : RunGradCam.OfStage1(runFolder);
        HtmlReport.Write(output, new ReportInput
        {
            Title = title,
            Evaluation = result,
            Labels = labels,
            DataFolder = data.Folder,
            History = manifest.History,
            Classes = [.. data.Seen.Concat(data.Unseen).Select(label => Count(data, label))],
            Embeddings = runFolder is null ? null : TrainingRun.ReadEmbeddings(runFolder),
            Heat = heat,
            ClassifierHeat = classifierHeat,
            Facts = Facts(bundle, data),
            Skipped = skipped,
            Seed = manifest.Seed,
        });
        return result;
    }

    private static void CheckRun(string folder, ModelBundle bundle)
    {
        var run = TrainingRun.Read(folder);
        var other = !run.Seen.SequenceEqual(bundle.Manifest.Seen) ? "trained on other classes than" : !run.IsKeptAs(bundle.Manifest.Training) ? "another run than that of" : null;
        if (other is not null) throw new DeviseInputException($"{folder}: {other} {bundle.Folder}, expected the run that the bundle was exported from");
    }

    public static void Summarize(TextWriter text, EvaluationReport report, string output)
    {
        string Number(double rate) => (rate * 100).ToString("F1", CultureInfo.InvariantCulture);
        string Percent(double rate) => Number(rate) + " %";
        string Interval(string place) => report.Intervals?.Values.TryGetValue(place, out var found) ?? false ? $" ({Number(found.Low)} to {Number(found.High)})" : "";
        if (report.Stage1.Accuracy is { } accuracy) text.WriteLine($"stage 1 accuracy          {Percent(accuracy)}");
        text.WriteLine($"seen top-1                {Percent(report.Seen.Top1)}{Interval("seen.top1")} of {report.Data.SeenClasses} labels");
        if (report.ZeroShot is { } zero)
        {
            text.WriteLine($"zero-shot top-1           {Percent(zero.UnseenLabels.Top1)} of {report.Data.UnseenClasses} unseen labels, per class {Percent(zero.UnseenLabels.PerClassTop1)}{Interval("zeroShot.unseenLabels.perClassTop1")}");
            text.WriteLine($"                          {Percent(zero.AllLabels.Top1)} of all {report.Data.SeenClasses + report.Data.UnseenClasses} labels");
            if (zero.Vocabulary is { } words) text.WriteLine($"  of the vocabulary       {Percent(words.Top1)}, {Percent(words.Top10)} among the first 10, of {words.Labels.ToString("N0", CultureInfo.InvariantCulture)} words");
        }
        if (report.Generalized is { } general)
        {
            text.WriteLine($"generalised harmonic      {Percent(general.Harmonic)}, unseen {Percent(general.Unseen)}, seen {Percent(general.Seen)}");
            if (general.Calibrated is { } c)
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  with γ {c.Gamma,-16:0.###} {Percent(c.Harmonic)}{Interval("generalized.calibrated.harmonic")}, unseen {Percent(c.Unseen)}, seen {Percent(c.Seen)}"));
        }
        text.WriteLine($"text→image precision@10   {Percent(report.Retrieval.TextToImage.PrecisionAt10)}");
        if (report.Hierarchy is { } hierarchy)
            text.WriteLine($"hierarchical precision@5  {(hierarchy.Seen.At5 is { } five ? $"seen {Percent(five)}" : "")}{(hierarchy.AllLabels?.At5 is { } all ? $", unseen among all labels {Percent(all)}" : "")}");
        text.WriteLine($"calibration error (ECE)   {Percent(report.Calibration.Seen.Ece)} on seen classes, temperature {report.Calibration.Temperature.ToString("0.####", CultureInfo.InvariantCulture)}");
        text.WriteLine($"report                    {Path.Combine(output, HtmlReport.FileName)}");
    }

    private static LabelSpace Widen(ModelBundle bundle, IReadOnlyList<string> names, string vectors)
    {
        var further = names.Where(name => bundle.Labels.Find(name) < 0).ToArray();
        return further.Length == 0 ? bundle.Labels : bundle.ChooseLabels([.. bundle.Labels.Names, .. further], vectors);
    }

    private static ClassImages Count(ImageDataset data, string label)
    {
        var splits = data.Items.Where(item => item.Label == label).ToLookup(item => item.Split);
        return new(label, data.Seen.Contains(label), splits[Split.Train].Count(), splits[Split.Valid].Count(), splits[Split.Test].Count());
    }

    private static ReportFact[] Facts(ModelBundle bundle, ImageDataset data)
    {
        var manifest = bundle.Manifest;
        string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
        static string Name(BundlePrecision precision) => precision.ToString().ToLowerInvariant();
        List<ReportFact> facts =
        [
            new("Data", "images", $"{Number(data.Of(Split.Train).Count())} train, {Number(data.Of(Split.Valid).Count())} valid, {Number(data.Of(Split.Test).Count())} test"),
            new("Data", "classes", $"{data.Seen.Count} seen, {data.Unseen.Count} unseen"),
            new("Data", "folder", Path.GetFileName(data.Folder)),
            new("Data", "word vectors", manifest.Vectors),
            new("Data", "seed of split and training", $"{manifest.Seed}"),
            new("Data", "phrases", manifest.Phrases.Composition.ToString().ToLowerInvariant()),
            new("Model", "backbone", manifest.Backbone),
            new("Model", "head", manifest.ConseTop is { } top ? $"ConSE, the {top} likeliest labels" : "DeViSE"),
            new("Model", "parameters", Number(manifest.Parameters)),
            new("Model", "precision", manifest.PrecisionLoss is { } loss ? ReducedPrecision.Words(Name(manifest.Precision), loss) : Name(manifest.Precision)),
            new("Model", "size on disk", $"{(manifest.Files[ModelBundle.OnnxName].Bytes / 1024.0).ToString("N0", CultureInfo.InvariantCulture)} KB"),
            new("Model", "largest difference TorchSharp − ONNX Runtime", manifest.ParityMaxDifference.ToString("E1", CultureInfo.InvariantCulture)),
        ];
        if (manifest.Gamma is { } gamma) facts.Add(new("Model", $"γ, chosen on {(TrainingRun.OfBundle(manifest.Training) is { SawCalibrationClasses: true } ? "seen classes, which stage 1 was trained on" : "held-out seen classes")}", gamma.ToString("0.###", CultureInfo.InvariantCulture)));
        if (bundle.Transform is { } transform) facts.Add(new("Model", "label transform", $"{transform.Options.Kind}, fitted on {Number(transform.FittedWords)} words"));
        if (manifest.Training?["options"] is JsonObject options)
            facts.AddRange(options.Select(pair => new ReportFact("Training options", pair.Key, pair.Value?.ToJsonString() ?? "–")));
        facts.AddRange(manifest.Versions.Select(pair => new ReportFact("Versions", pair.Key, pair.Value)));
        return [.. facts];
    }
}
