using MLNet.Devise.Data;
using MLNet.Devise.Jobs.Formats;

namespace MLNet.Devise.Jobs;

/// <summary>
/// Files of scores, one row an image, in the order of the images. <c>.parquet</c>: columns <c>Path, Status, Error</c> (text),
/// <c>Labels</c> (list of text), <c>Scores</c> (list of float) and <c>Embedding</c> (list of float, null without one), zstd.
/// <c>.csv</c>: header <c>Path,Status,Error,Labels,Scores[,Embedding]</c>, UTF-8, RFC 4180 quoting; <c>;</c> joins the items of a list,
/// numbers read back exactly. <c>.jsonl</c>: one object a line with the same names and arrays for lists; a row without an embedding
/// has <c>null</c>. Further columns of the list of images follow these.
/// </summary>
public static class ScoreFile
{
    /// <summary>Reads rows as they are asked for; further columns are passed over.</summary>
    /// <param name="path">A <c>.parquet</c>, <c>.csv</c> or <c>.jsonl</c> file as <see cref="DeviseJob"/> writes it.</param>
    /// <exception cref="DeviseInputException">At the first line or row that is not as expected, with its number.</exception>
    public static IEnumerable<ScoredImage> Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such score file");
        return ScoreFormats.Of(path).Read(path);
    }

    /// <summary>Writes rows as they come; the file appears whole or not at all.</summary>
    /// <param name="path">A <c>.parquet</c>, <c>.csv</c> or <c>.jsonl</c> file.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="embeddings">Whether to keep embeddings.</param>
    /// <exception cref="DeviseInputException">Another ending, or a label that a CSV file cannot hold.</exception>
    public static void Write(string path, IEnumerable<ScoredImage> rows, bool embeddings)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var format = ScoreFormats.Of(path);
        WholeFile.Write(path, stream => format.Write(stream, rows.Select(row => new ScoreRow(row, [])), new ScoreSchema(embeddings, [])));
    }
}
