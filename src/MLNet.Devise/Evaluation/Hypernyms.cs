using MLNet.Devise.Data;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// What is a kind of what: a graph of names, read from a text file with a line <c>child TAB parent</c> for each link, UTF-8; empty lines
/// and those that start with <c>#</c> are passed over. A child may have several parents. Names of several words are the same however they
/// are joined (<c>killer+whale</c>, <c>killer whale</c>, <c>killer_whale</c>) and whatever their case.
/// </summary>
public sealed class Hypernyms
{
    private const int MostLinks = 5_000_000;
    private const int LongestName = 1000;

    private readonly Dictionary<string, int> _nodes = new(StringComparer.Ordinal);
    private readonly List<List<int>> _neighbours = [];

    private Hypernyms(string source) => Source = source;

    /// <summary>Where it came from, by name.</summary>
    public string Source { get; }

    /// <summary>Different names.</summary>
    public int Count => _neighbours.Count;

    /// <summary>Links.</summary>
    public int Links { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DeviseInputException">The file is missing, has no link, or a line is not as expected; the message has its number.</exception>
    public static Hypernyms Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file, expected hypernyms, a line 'child TAB parent' for each link");
        using var lines = new LineReader(File.OpenRead(path), path);
        var graph = new Hypernyms(Path.GetFileName(path));
        while (lines.TryRead(out var bytes))
        {
            var line = System.Text.Encoding.UTF8.GetString(bytes).TrimEnd('\r').TrimStart('\uFEFF');
            if (string.IsNullOrWhiteSpace(line) || line[0] == '#') continue;
            var names = line.Split('\t');
            if (names.Length != 2 || Key(names[0]).Length == 0 || Key(names[1]).Length == 0 || line.Length > LongestName)
                throw new DeviseInputException($"{path}:{lines.Number}: '{(line.Length > 80 ? line[..80] + "…" : line)}', expected 'child TAB parent'");
            graph.Add(Key(names[0]), Key(names[1]));
            if (graph.Links > MostLinks) throw new DeviseInputException($"{path}:{lines.Number}: more than {MostLinks} links, expected those of a lexical hierarchy");
        }
        return graph.Links > 0 ? graph : throw new DeviseInputException($"{path}: no link in it, expected a line 'child TAB parent' for each");
    }

    /// <summary>Hops from a name to each other name: links walked up or down, −1 where there is no way.</summary>
    /// <exception cref="DeviseInputException">Some names are not in the file; all of them are told at once.</exception>
    internal int[][] Hops(IReadOnlyList<string> names)
    {
        var missing = names.Where(name => !_nodes.ContainsKey(Key(name))).ToArray();
        if (missing.Length > 0)
            throw new DeviseInputException($"{Source}: {missing.Length} of {names.Count} labels are not in it: {string.Join(", ", missing.Take(10).Select(name => ClassList.Display(name)))}{(missing.Length > 10 ? ", …" : "")}; expected a line 'label TAB parent' for each");
        int[] nodes = [.. names.Select(name => _nodes[Key(name)])];
        return [.. nodes.AsParallel().AsOrdered().Select(from => { var far = From(from); return nodes.Select(to => far[to]).ToArray(); })];
    }

    private void Add(string child, string parent)
    {
        var (a, b) = (Node(child), Node(parent));
        Links++;
        if (a == b) return;
        _neighbours[a].Add(b);
        _neighbours[b].Add(a);
    }

    private int Node(string key)
    {
        if (_nodes.TryGetValue(key, out var node)) return node;
        _nodes.Add(key, node = _neighbours.Count);
        _neighbours.Add([]);
        return node;
    }

    /// <summary>Breadth first, so loops in the file do no harm.</summary>
    private int[] From(int start)
    {
        var far = new int[Count];
        Array.Fill(far, -1);
        far[start] = 0;
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out var at))
            foreach (var next in _neighbours[at])
            {
                if (far[next] >= 0) continue;
                far[next] = far[at] + 1;
                queue.Enqueue(next);
            }
        return far;
    }

    private static string Key(string name) => string.Join(' ', Phrases.Words(name.Trim())).ToLowerInvariant();
}
