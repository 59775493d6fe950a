namespace MLNet.Devise.Jobs.Formats;

/// <summary>The formats of score files, chosen by a file's ending.</summary>
internal enum ScoreFormat
{
    /// <summary>Typed columns, lists as lists.</summary>
    Parquet,
    /// <summary>Text with <c>;</c> in lists.</summary>
    Csv,
    /// <summary>A JSON object a line.</summary>
    Jsonl,
}

/// <summary>Reading and writing by format.</summary>
internal static class ScoreFormats
{
    /// <exception cref="DeviseInputException">Another ending.</exception>
    public static ScoreFormat Of(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".parquet" => ScoreFormat.Parquet,
        ".csv" => ScoreFormat.Csv,
        ".jsonl" => ScoreFormat.Jsonl,
        var ending => throw new DeviseInputException($"{path}: ending '{ending}', expected .parquet, .csv or .jsonl for scores"),
    };

    /// <summary>Throws where a format cannot hold some label: before a job, not at its end.</summary>
    public static void CheckLabels(this ScoreFormat format, IEnumerable<string> labels)
    {
        if (format != ScoreFormat.Csv) return;
        foreach (var label in labels) CsvScores.Check(label);
    }

    public static void Write(this ScoreFormat format, Stream stream, IEnumerable<ScoreRow> rows, ScoreSchema schema)
    {
        if (format == ScoreFormat.Parquet) ParquetScores.Write(stream, rows, schema);
        else if (format == ScoreFormat.Csv) CsvScores.Write(stream, rows, schema);
        else JsonlScores.Write(stream, rows, schema);
    }

    public static IEnumerable<ScoredImage> Read(this ScoreFormat format, string path) => format switch
    {
        ScoreFormat.Parquet => ParquetScores.Read(path).Select(row => row.Image),
        ScoreFormat.Csv => CsvScores.Read(path),
        _ => JsonlScores.Read(path),
    };
}
