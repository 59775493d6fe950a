using System.Globalization;
using CsvHelper;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>Score rows as CSV.</summary>
internal static class CsvScores
{
    private const char Joint = ';';
    private static readonly string[] Header = [Columns.Path, Columns.Status, Columns.Error, Columns.Labels, Columns.Scores];
    private const string EmbeddingHeader = "Embedding";

    public static void Write(Stream stream, IEnumerable<ScoreRow> rows, ScoreSchema schema)
    {
        using var csv = CsvWriter.Create(stream, CsvWriterOptions.Default with { NewLine = "\n" }, leaveOpen: true);
        csv.WriteHeader([.. Header, .. schema.Embeddings ? [EmbeddingHeader] : Array.Empty<string>(), .. schema.Kept.Select(column => column.Name)]);
        foreach (var (row, kept) in rows)
        {
            csv.WriteField(row.Path);
            csv.WriteField(row.Status.Name());
            csv.WriteField(row.Error);
            csv.WriteField(string.Join(Joint, row.Labels.Select(Check)));
            csv.WriteField(Join(row.Scores));
            if (schema.Embeddings) csv.WriteField(row.Embedding is { } embedding ? Join(embedding.ToArray()) : "");
            for (var i = 0; i < kept.Length; i++) csv.WriteField(Text(schema.Kept[i].ForText(kept[i])));
            csv.EndRecord();
        }
    }

    public static IEnumerable<ScoredImage> Read(string path)
    {
        using var csv = new CsvRows(path);
        if (!csv.Header.Take(Header.Length).SequenceEqual(Header)) throw csv.HeaderError($"{string.Join(',', Header)}[,{EmbeddingHeader}][,further columns]");
        var embeddings = csv.Header.ElementAtOrDefault(Header.Length) == EmbeddingHeader;
        var check = new ScoreRowCheck(csv.Error);
        while (csv.Read())
        {
            var (labels, embedding) = (csv[3], embeddings ? csv[5] : "");
            yield return check.Row(
                csv[0], csv[1], csv[2], labels.Length == 0 ? [] : labels.Split(Joint), Numbers(csv, csv[4]), embedding.Length == 0 ? null : Numbers(csv, embedding));
        }
    }

    /// <summary>The label, unless a list of labels could not be taken apart again.</summary>
    public static string Check(string label) => label.Contains(Joint, StringComparison.Ordinal)
        ? throw new DeviseInputException($"label '{label}': '{Joint}' joins labels in a .csv, expected a label without it; write a .parquet or .jsonl instead")
        : label;

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

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
