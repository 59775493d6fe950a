using System.Globalization;
using CsvHelper;
using MLNet.Devise.Data;
using MLNet.Devise.Jobs.Inputs;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// <c>predictions.csv</c>: a row for each evaluated image, from which every rate of naming can be computed again and two models compared
/// image by image. UTF-8, RFC 4180; scores are single-precision numbers, all others double, with as many digits as tell them apart; empty
/// where there is nothing to say.
/// </summary>
public static class PredictionFile
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "predictions.csv";

    private static readonly string[] Columns =
    [
        "path", "label", "kind", "split", "loss", "rank_own", "rank_all", "rank_further", "rank_vocabulary", "confidence",
        "best_seen", "best_seen_score", "best_unseen", "best_unseen_score",
    ];

    /// <summary>Writes the file, whole: <see cref="ImagePrediction"/>'s values, then <c>label_1, score_1, label_2, …</c> of the best labels.</summary>
    public static void Write(string path, IReadOnlyList<ImagePrediction> predictions) => WholeFile.Write(path, stream =>
    {
        using var csv = CsvWriter.Create(stream, CsvWriterOptions.Default with { NewLine = "\n" }, leaveOpen: true);
        var top = predictions.Count == 0 ? 0 : predictions.Max(p => p.Top.Count);
        csv.WriteHeader([.. Columns, .. Top(top)]);
        foreach (var p in predictions)
        {
            string[] fields =
            [
                p.Path, p.Label, p.IsSeen ? "seen" : "unseen", p.Split.ToString().ToLowerInvariant(), Text(p.Loss), Text(p.RankOwn), Text(p.RankAll),
                Text(p.RankFurther), Text(p.RankVocabulary), Text(p.Confidence), p.BestSeen.Label, Text(p.BestSeen.Cosine), p.BestUnseen?.Label ?? "", Text(p.BestUnseen?.Cosine),
                .. Enumerable.Range(0, top).SelectMany(k => k < p.Top.Count ? (string[])[p.Top[k].Label, Text(p.Top[k].Cosine)] : ["", ""]),
            ];
            foreach (var field in fields) csv.WriteField(field);
            csv.EndRecord();
        }
    });

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="DeviseInputException">The file is missing or a row is not as expected; the message has file and line.</exception>
    public static IReadOnlyList<ImagePrediction> Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file, expected the {FileName} that 'devise evaluate' writes");
        using var csv = new CsvRows(path);
        var top = (csv.Header.Count - Columns.Length) / 2;
        if (!csv.Header.SequenceEqual([.. Columns, .. Top(top)])) throw csv.HeaderError($"{string.Join(',', Columns)},label_1,score_1,…");
        var (rows, paths) = (new List<ImagePrediction>(), new HashSet<string>(StringComparer.Ordinal));
        while (csv.Read())
        {
            rows.Add(new Row(csv).Parse(top));
            if (!paths.Add(rows[^1].Path)) throw csv.Error($"'{rows[^1].Path}' a second time", "each image once");
        }
        return rows;
    }

    private static IEnumerable<string> Top(int count) => Enumerable.Range(1, Math.Max(0, count)).SelectMany(k => (string[])[$"label_{k}", $"score_{k}"]);

    private static string Text(IFormattable? value) => value?.ToString(value is int ? null : "R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>One row, field by field.</summary>
    private readonly struct Row(CsvRows csv)
    {
        public ImagePrediction Parse(int top)
        {
            var isSeen = csv[2] switch { "seen" => true, "unseen" => false, var other => throw csv.Error($"kind '{other}'", "seen or unseen") };
            if (!SplitNames.TryParse(csv[3], out var split)) throw csv.Error($"split '{csv[3]}'", "train, valid or test");
            var (row, rows) = (this, csv);
            var bestUnseen = csv[12].Length > 0 ? new ScoredLabel(csv[12], Cosine(13)) : default(ScoredLabel?);
            if (!isSeen && bestUnseen is null) throw csv.Error("no best_unseen", "one for an image of an unseen class");
            ScoredLabel[] best = [.. Enumerable.Range(0, top).Select(k => Columns.Length + 2 * k).TakeWhile(at => rows[at].Length > 0).Select(at => new ScoredLabel(rows[at], row.Cosine(at + 1)))];
            if (best.Length == 0) throw csv.Error("no label_1", "the best label");
            return new(
                csv[0], csv[1], isSeen, split, Number(4, -0.001, 2.001), Rank(5)!.Value, Rank(6)!.Value, Rank(7, mayBeEmpty: true), Rank(8, mayBeEmpty: true),
                Number(9, 0, 1.001), new(csv[10], Cosine(11)), bestUnseen, best);
        }

        private float Cosine(int column) => (float)Number(column, -1.001, 1.001);

        private double Number(int column, double lowest, double highest) =>
            double.TryParse(csv[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= lowest && value <= highest
                ? value
                : throw csv.Error($"'{csv[column]}' in column {column + 1} ({csv.Header[column]})", $"a number from {Math.Round(lowest) + 0.0} to {Math.Round(highest)}");

        private int? Rank(int column, bool mayBeEmpty = false) =>
            mayBeEmpty && csv[column].Length == 0 ? null
            : int.TryParse(csv[column], NumberStyles.None, CultureInfo.InvariantCulture, out var rank) && rank >= 1 ? rank
            : throw csv.Error($"'{csv[column]}' in column {column + 1} ({csv.Header[column]})", "a rank of 1 or more");
    }
}
