namespace MLNet.Devise.Labels;

/// <summary>Other names to look up where a file has none of the first.</summary>
public static class PhraseAliases
{
    private const int MaxBytes = 16 << 20;

    /// <summary>Names of Animals with Attributes 2 that vector files often lack, and words that mean the same animal.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Awa2 { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        ["german+shepherd"] = ["alsatian"],
        ["giant+panda"] = ["panda"],
        ["grizzly+bear"] = ["grizzly"],
        ["humpback+whale"] = ["humpback"],
        ["killer+whale"] = ["orca"],
    };

    /// <summary>Reads a table of aliases: <c>name = other name, another one</c> a line; blank lines and lines that begin with <c>#</c> are left out.</summary>
    /// <param name="path">A text file, UTF-8.</param>
    /// <exception cref="DeviseInputException">The file is missing, or a line is not as expected.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file of aliases");
        if (new FileInfo(path).Length > MaxBytes) throw new DeviseInputException($"{path}: more than {MaxBytes >> 20} MB, expected a text file of aliases");
        var aliases = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith('#')) continue;
            var sides = line.Split('=');
            string[] others = sides.Length == 2 ? sides[1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
            if (others.Length == 0 || Phrases.Words(sides[0]).Length == 0) throw new DeviseInputException($"{path}:{number}: '{line.Trim()}', expected 'name = other name, another one'");
            if (!aliases.TryAdd(Phrases.Key(sides[0]), others)) throw new DeviseInputException($"{path}:{number}: '{sides[0].Trim()}' is there twice, expected all its other names on one line");
        }
        return aliases;
    }
}
