namespace MLNet.Devise.Data;

/// <summary>
/// Reads class lists as Animals with Attributes 2 writes them: one class a line, either <c>name</c> or <c>id TAB name</c>;
/// <c>+</c> joins the words of a name (<c>giant+panda</c>). Blank lines are ignored.
/// </summary>
public static class ClassList
{
    /// <summary>The names in file order.</summary>
    /// <param name="path">The list, UTF-8.</param>
    /// <exception cref="DeviseInputException">The file is missing, empty, has a repeated name, or a line that is neither form.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such class list");
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            var name = NameOf(line)
                ?? throw new DeviseInputException($"{path}:{number}: '{line.Trim()}', expected a class name or 'id<TAB>name' (join words with '+')");
            if (name is "." or ".." || name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
                throw new DeviseInputException($"{path}:{number}: '{name}' cannot be a class: it would be a path, expected a plain folder name");
            if (!seen.Add(name)) throw new DeviseInputException($"{path}:{number}: class '{name}' is listed twice");
            names.Add(name);
        }
        return names.Count > 0 ? names : throw new DeviseInputException($"{path}: no class in it, expected one name a line");
    }

    /// <summary>A class name as people write it: <c>giant+panda</c> → <c>giant panda</c>.</summary>
    public static string Display(string name) => name.Replace('+', ' ');

    private static string? NameOf(string line)
    {
        var parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length switch
        {
            1 => parts[0],
            2 when int.TryParse(parts[0], out _) => parts[1],
            _ => null,
        };
    }
}
