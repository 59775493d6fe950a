using System.Globalization;
using CsvHelper;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Cli;

/// <summary>The figures of an experiment, a line a recipe: mean and standard deviation over the seeds.</summary>
internal static class ExperimentTable
{
    private static readonly (string Key, string Title, double Unit, Func<EvaluationReport, double?> Value)[] Columns =
    [
        ("stage1", "stage 1", 100, report => report.Stage1.Accuracy),
        ("seenTop1", "seen top-1", 100, report => report.Seen.Top1),
        ("seenTop3", "top-3", 100, report => report.Seen.Top3),
        ("seenTop5", "top-5", 100, report => report.Seen.Top5),
        ("seenTop10", "top-10", 100, report => report.Seen.Top10),
        ("seenPerClass", "seen per class", 100, report => report.Seen.PerClassTop1),
        ("unseenPerClass", "zero-shot per class", 100, report => report.ZeroShot?.UnseenLabels.PerClassTop1),
        ("allTop1", "… of all labels", 100, report => report.ZeroShot?.AllLabels.PerClassTop1),
        ("allTop5", "… top-5", 100, report => report.ZeroShot?.AllLabels.PerClassTop5),
        ("allTop10", "… top-10", 100, report => report.ZeroShot?.AllLabels.PerClassTop10),
        ("harmonic", "GZSL H", 100, report => report.Generalized?.Harmonic),
        ("gamma", "γ", 1, report => report.Generalized?.Calibrated?.Gamma),
        ("calibratedUnseen", "u at γ", 100, report => report.Generalized?.Calibrated?.Unseen),
        ("calibratedSeen", "s at γ", 100, report => report.Generalized?.Calibrated?.Seen),
        ("calibratedHarmonic", "H at γ", 100, report => report.Generalized?.Calibrated?.Harmonic),
        ("areaUnderCurve", "AUSUC", 1, report => report.Generalized?.AreaUnderCurve),
        ("precisionAt10", "text→image P@10", 100, report => report.Retrieval.TextToImage.PrecisionAt10),
        ("precisionAt10Seen", "… seen", 100, report => report.Retrieval.TextToImage.PrecisionAt10Seen),
        ("precisionAt10Unseen", "… unseen", 100, report => report.Retrieval.TextToImage.PrecisionAt10Unseen),
    ];

    /// <summary>One line a recipe, seed and fold, for programs; without folds there is no column of them.</summary>
    public static void WriteCsv(Stream stream, IReadOnlyCollection<ExperimentResult> results)
    {
        using var csv = CsvWriter.Create(stream, CsvWriterOptions.Default with { NewLine = "\n" }, leaveOpen: true);
        var folds = results.Any(result => result.Fold is not null);
        csv.WriteHeader(["recipe", "seed", .. folds ? ["fold"] : Array.Empty<string>(), .. Columns.Select(column => column.Key)]);
        foreach (var result in results)
        {
            csv.WriteField(result.Row);
            csv.WriteField(result.Seed.ToString(CultureInfo.InvariantCulture));
            if (folds) csv.WriteField(result.Fold?.ToString(CultureInfo.InvariantCulture) ?? "");
            foreach (var column in Columns) csv.WriteField(column.Value(result.Report)?.ToString("R", CultureInfo.InvariantCulture) ?? "");
            csv.EndRecord();
        }
    }

    /// <summary>One line a recipe, for people: percent, γ and AUSUC as they are.</summary>
    public static string Markdown(IEnumerable<ExperimentResult> results) =>
        string.Concat(results.GroupBy(result => result.Row).Select(row => $"| {row.Key.Replace("|", "\\|", StringComparison.Ordinal)} | {string.Join(" | ", Columns.Select(column => Cell([.. row.Select(result => column.Value(result.Report) * column.Unit)], column.Unit)))} |\n")
            .Prepend($"| recipe | {string.Join(" | ", Columns.Select(column => column.Title))} |\n|---|{string.Concat(Columns.Select(_ => "---|"))}\n"));

    private static string Cell(double?[] values, double unit)
    {
        var known = values.OfType<double>().ToArray();
        if (known.Length == 0) return "–";
        var (mean, format) = (known.Average(), unit == 1 ? "F3" : "F1");
        var text = mean.ToString(format, CultureInfo.InvariantCulture);
        if (known.Length == 1) return text;
        var deviation = Math.Sqrt(known.Sum(value => (value - mean) * (value - mean)) / (known.Length - 1));
        return $"{text} ± {deviation.ToString(format, CultureInfo.InvariantCulture)}";
    }
}

/// <summary>The figures of a recipe on one seed, and one fold if there are any.</summary>
internal sealed record ExperimentResult(string Row, long Seed, int? Fold, EvaluationReport Report);
