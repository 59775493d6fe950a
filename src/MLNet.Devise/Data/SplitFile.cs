namespace MLNet.Devise.Data;

/// <summary>Reads <c>split.csv</c>: a header <c>path,split</c>, then a path relative to the data folder and train, valid or test.</summary>
internal static class SplitFile
{
    public const string Name = "split.csv";

    /// <summary>Path → split, or <see langword="null"/> where there is no such file.</summary>
    public static Dictionary<string, Split>? TryRead(string path)
    {
        if (!File.Exists(path)) return null;
        var rows = new Dictionary<string, Split>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (number == 1)
            {
                if (line.Trim() != "path,split") throw new DeviseInputException($"{path}:1: '{line.Trim()}', expected the header 'path,split'");
                continue;
            }
            if (string.IsNullOrWhiteSpace(line)) continue;
            // A path may hold a comma, the split never does.
            var comma = line.LastIndexOf(',');
            if (comma <= 0 || !SplitNames.TryParse(line[(comma + 1)..].Trim(), out var split))
                throw new DeviseInputException($"{path}:{number}: '{line.Trim()}', expected 'path,split' with train, valid or test");
            if (!rows.TryAdd(line[..comma].Trim('"').Replace('\\', '/'), split)) throw new DeviseInputException($"{path}:{number}: {line[..comma]} is listed twice");
        }
        return rows;
    }

    /// <summary>An unseen class's images must not be trained or validated on: zero-shot figures would be worthless.</summary>
    public static Split Check(string root, string path, string label, Split split, bool unseen) =>
        unseen && split != Split.Test
            ? throw new DeviseInputException($"{Path.Combine(root, Name)}: {path} is '{split.ToString().ToLowerInvariant()}', but '{label}' is in testclasses.txt, expected test")
            : split;
}
