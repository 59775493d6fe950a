using MLNet.Devise.Data;

namespace MLNet.Devise.Jobs;

/// <summary>
/// Files of scores. <c>.csv</c>: header <c>Path,Status,Error,Labels,Scores[,Embedding]</c>, UTF-8, RFC 4180 quoting; <c>;</c> joins the
/// items of a list, numbers read back exactly. <c>.jsonl</c>: one object a line with the same names and arrays for lists; a row without
/// an embedding has <c>null</c>.
/// </summary>
public static class ScoreFile
{
    /// <summary>Reads rows as they are asked for.</summary>
    /// <param name="path">A <c>.csv</c> or <c>.jsonl</c> file as <see cref="ScoreJob"/> writes it.</param>
    /// <exception cref="DeviseInputException">At the first line that is not as expected, with its number.</exception>
    public static IEnumerable<ScoredImage> Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such score file");
        return IsCsv(path) ? CsvScores.Read(path) : JsonlScores.Read(path);
    }

    /// <summary>Writes rows as they come; the file appears whole or not at all.</summary>
    /// <param name="path">A <c>.csv</c> or <c>.jsonl</c> file.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="embeddings">Whether to keep embeddings.</param>
    /// <exception cref="DeviseInputException">Another ending, or a label that a CSV file cannot hold.</exception>
    public static void Write(string path, IEnumerable<ScoredImage> rows, bool embeddings)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (IsCsv(path)) WholeFile.Write(path, stream => CsvScores.Write(stream, rows, embeddings));
        else WholeFile.Write(path, stream => JsonlScores.Write(stream, rows, embeddings));
    }

    private static bool IsCsv(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => true,
        ".jsonl" => false,
        var ending => throw new DeviseInputException($"{path}: ending '{ending}', expected .csv or .jsonl for scores"),
    };
}
