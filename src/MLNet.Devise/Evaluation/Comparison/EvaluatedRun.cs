namespace MLNet.Devise.Evaluation.Comparison;

/// <summary>What <c>devise evaluate</c> left of one model.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="Report">Its <c>metrics.json</c>.</param>
/// <param name="Predictions">Its <c>predictions.csv</c>.</param>
public sealed record EvaluatedRun(string Name, EvaluationReport Report, IReadOnlyList<ImagePrediction> Predictions)
{
    /// <summary>γ of calibrated stacking that it was evaluated with; 0 where there was none.</summary>
    internal double Gamma => Report.Generalized?.Calibrated?.Gamma ?? 0;

    /// <summary>Reads the folders of several runs, each named by as much of its path as tells it from the others.</summary>
    /// <exception cref="DeviseInputException">A folder is given twice, or has not both files as <c>devise evaluate</c> writes them.</exception>
    public static IReadOnlyList<EvaluatedRun> Read(IReadOnlyList<string> folders)
    {
        var parts = folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)).Split(Path.DirectorySeparatorChar)).ToArray();
        if (parts.Select(part => string.Join('/', part)).CountBy(path => path).FirstOrDefault(pair => pair.Value > 1) is { Key: { } twice })
            throw new DeviseInputException($"{twice}: given twice, expected different runs");
        string[] Names(int depth) => [.. parts.Select(part => string.Join('/', part.TakeLast(depth)))];
        var deep = Enumerable.Range(1, parts.Max(part => part.Length)).First(depth => Names(depth).Distinct().Count() == parts.Length);
        return [.. folders.Zip(Names(deep), Read)];
    }

    private static EvaluatedRun Read(string folder, string name)
    {
        var run = new EvaluatedRun(name, EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName)), PredictionFile.Read(Path.Combine(folder, PredictionFile.FileName)));
        var images = run.Report.Data.SeenImages + run.Report.Data.UnseenImages;
        return run.Predictions.Count == images ? run
            : throw new DeviseInputException($"{folder}: {EvaluationReport.FileName} is of {images} images, {PredictionFile.FileName} of {run.Predictions.Count}, expected both of one evaluation; evaluate again");
    }
}
