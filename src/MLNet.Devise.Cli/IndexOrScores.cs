using MLNet.Devise.Search.Files;

namespace MLNet.Devise.Cli;

/// <summary>Files that have vectors: an index, or scores.</summary>
internal static class IndexOrScores
{
    /// <summary>Whether a file is an index; else it is called as scores are.</summary>
    /// <exception cref="DeviseInputException">It is neither.</exception>
    public static bool IsIndex(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException(Directory.Exists(path) ? $"{path}: a folder, expected an index or a score file" : $"{path}: no such index or score file");
        if (IndexFile.IsIndex(path)) return true;
        return Path.GetExtension(path).ToLowerInvariant() is ".parquet" or ".csv" or ".jsonl"
            ? false
            : throw new DeviseInputException($"{path}: no index, or a damaged or incomplete one: build it again with 'devise index build'; scores end in .parquet, .csv or .jsonl");
    }
}
