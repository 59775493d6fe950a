using MLNet.Devise.Cli.Verbs;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli;

/// <summary>One seed, and one fold if there are any, of an experiment: its data, and a folder with one more for each row.</summary>
internal sealed class ExperimentPart
{
    /// <summary>The folder beside the rows' that holds decoded images while they are trained; no row can be called so.</summary>
    public const string CacheName = "cache";

    private readonly ExperimentFile _experiment;
    private readonly ImageDataset _data;
    private readonly string _images, _folder;

    public ExperimentPart(ExperimentFile experiment, string output, long seed, int? fold, int? folds)
    {
        (_experiment, Seed, Fold) = (experiment, seed, fold);
        _data = ImageDataset.Open(experiment.Data, new() { Seed = seed, Fold = fold, Folds = folds ?? new ImageDatasetOptions().Folds });
        _images = ExperimentIdentity.Describe(_data);
        _folder = Path.Combine(output, fold is null ? $"seed{seed}" : $"seed{seed}-fold{fold}of{folds}");
        // Folders did not always name the number of folds; the classes of their runs tell it.
        if (fold is not null && !Directory.Exists(_folder) && Path.Combine(output, $"seed{seed}-fold{fold}") is var older && IsOfThisFold(older)) _folder = older;
    }

    public long Seed { get; }

    /// <summary>The fold; null where there are none.</summary>
    public int? Fold { get; }

    /// <summary>Throws where a row's folder holds figures or a run of something else than is asked for.</summary>
    /// <exception cref="DeviseInputException">It does; the message says what differs and what to do.</exception>
    public void Check(ExperimentRow row)
    {
        // A recipe alone is what is left of a row that failed before anything was made.
        if (!IsBegun(row)) return;
        var (folder, wanted) = (FolderOf(row), Identity(row));
        if (ExperimentIdentity.TryRead(folder) is { } known) known.CheckSame(folder, wanted);
        else if (File.Exists(Path.Combine(RunOf(row), TrainingRun.ManifestName)))
        {
            ExperimentIdentity.OfRun(folder, TrainingRun.Read(RunOf(row)), wanted, _data).CheckSame(folder, wanted);
            wanted.Write(folder);
        }
        else if (File.Exists(Path.Combine(folder, EvaluationReport.FileName)))
            throw new DeviseInputException($"{folder}: {EvaluationReport.FileName} without the run that it is of, so nothing says what was measured; name another folder with --out, or delete this one to train the row anew");
    }

    /// <summary>Trains, exports and evaluates one recipe, as far as that was not done before.</summary>
    public EvaluationReport Measure(Session session, ExperimentRow row)
    {
        var folder = FolderOf(row);
        var metrics = Path.Combine(folder, EvaluationReport.FileName);
        if (File.Exists(metrics)) return EvaluationReport.Read(metrics);
        session.Say($"── {row.Name}, {Path.GetFileName(_folder)}");
        var (run, options, identity) = (RunOf(row), Options(row), Identity(row));
        identity.Write(folder);
        if (!File.Exists(Path.Combine(run, TrainingRun.ManifestName)))
            TrainVerb.Run(session, _data, _experiment.Vectors, ExperimentStage1.Share(_folder, run, options, identity), run, new RunSettings { Resume = true, Cache = Path.Combine(_folder, CacheName) });
        var bundle = BundleExporter.Export(run, Path.Combine(folder, "bundle"), null, new() { Head = row.Head });
        var (result, _) = Measurement.Of(session, bundle, _data, Measurement.Embed(session, bundle, _data), bundle.Labels, new Dictionary<string, double>());
        PredictionFile.Write(Path.Combine(folder, PredictionFile.FileName), result.Predictions);
        result.Report.Write(metrics);
        return result.Report;
    }

    /// <summary>Takes away what only training needs.</summary>
    public void Clean(Session session)
    {
        var cache = Path.Combine(_folder, CacheName);
        if (!Directory.Exists(cache)) return;
        try { Directory.Delete(cache, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            session.Say($"{cache}: cannot be removed ({e.Message}); nothing needs it any more unless rows are trained in it, delete it");
        }
    }

    private bool IsBegun(ExperimentRow row) => ((string[])[Path.Combine(FolderOf(row), EvaluationReport.FileName), Path.Combine(RunOf(row), TrainingRun.ManifestName), Path.Combine(RunOf(row), Checkpoint.FileName)]).Any(File.Exists);

    private string FolderOf(ExperimentRow row) => Path.Combine(_folder, row.Name);

    private string RunOf(ExperimentRow row) => Path.Combine(FolderOf(row), "run");

    private TrainingOptions Options(ExperimentRow row) => row.Training! with { Seed = Seed };

    private ExperimentIdentity Identity(ExperimentRow row) => ExperimentIdentity.Of(_experiment, row, Options(row), _images);

    private bool IsOfThisFold(string folder) => _experiment.Rows.Select(row => Path.Combine(folder, row.Name, "run"))
        .Any(run => File.Exists(Path.Combine(run, TrainingRun.ManifestName)) && TrainingRun.Read(run) is var finished && finished.Seen.SequenceEqual(_data.Seen) && finished.Unseen.SequenceEqual(_data.Unseen));
}
