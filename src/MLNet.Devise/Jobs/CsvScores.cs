using System.Globalization;
using CsvHelper;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>Score rows as CSV.</summary>
internal static class CsvScores
{
    private const char Joint = ';';
    private static readonly string[] Header = [Columns.Path, Columns.Status, Columns.Error, Columns.Labels, Columns.Scores];
    private const string EmbeddingHeader = "Embedding";

    public static void Write(Stream stream, IEnumerable<ScoredImage> rows, bool embeddings)
    {
        using var csv = CsvWriter.Create(stream, CsvWriterOptions.Default with { NewLine = "\n" }, leaveOpen: true);
        csv.WriteHeader([.. Header, .. embeddings ? [EmbeddingHeader] : Array.Empty<string>()]);
        foreach (var row in rows)
        {
            csv.WriteField(row.Path);
            csv.WriteField(row.Status.Name());
            csv.WriteField(row.Error);
            csv.WriteField(string.Join(Joint, row.Labels.Select(Checked)));
            csv.WriteField(Join(row.Scores));
            if (embeddings) csv.WriteField(row.Embedding is { } embedding ? Join(embedding.ToArray()) : "");
            csv.EndRecord();
        }
    }

    public static IEnumerable<ScoredImage> Read(string path)
    {
        using var csv = new CsvRows(path);
        var embeddings = csv.Header.SequenceEqual([.. Header, EmbeddingHeader]);
        if (!embeddings && !csv.Header.SequenceEqual(Header)) throw csv.HeaderError($"{string.Join(',', Header)}[,{EmbeddingHeader}]");
        var check = new ScoreRowCheck(csv.Error);
        while (csv.Read())
        {
            var (labels, embedding) = (csv[3], embeddings ? csv[5] : "");
            yield return check.Row(
                csv[0], csv[1], csv[2], labels.Length == 0 ? [] : labels.Split(Joint), Numbers(csv, csv[4]), embedding.Length == 0 ? null : Numbers(csv, embedding));
        }
    }

    private static string Checked(string label) => label.Contains(Joint, StringComparison.Ordinal)
        ? throw new DeviseInputException($"label '{label}': '{Joint}' joins labels in a .csv, expected a label without it; write a .jsonl instead")
        : label;

    private static string Join(IEnumerable<float> values) => string.Join(Joint, values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static float[] Numbers(CsvRows csv, string field)
    {
        if (field.Length == 0) return [];
        var parts = field.Split(Joint);
        var values = new float[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            if (!float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i])) throw csv.Error($"'{parts[i]}'", $"numbers joined with '{Joint}'");
        return values;
    }
}
