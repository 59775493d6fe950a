using System.Numerics.Tensors;

namespace MLNet.Devise.Labels;

/// <summary>Words and their vectors in memory, as a file had them (not normalised).</summary>
public sealed class WordVectors
{
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];
    private readonly List<float[]> _vectors = [];

    private WordVectors(string source, int dimension) => (Source, Dimension) = (source, dimension);

    /// <summary>The file that the vectors came from.</summary>
    public string Source { get; }

    /// <summary>Values a word; 300 for fastText.</summary>
    public int Dimension { get; }

    /// <summary>The words kept, in file order.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>Words the file holds more than once; the first one counts.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Reads a <c>.vec</c> file line by line and keeps the words asked for.</summary>
    /// <param name="path">A text file: header <c>words dimension</c>, then a word and its values a line, UTF-8.</param>
    /// <param name="wanted">Which words to keep; <see langword="null"/> keeps all (1 M words of 300 values take 1.2 GB).</param>
    /// <exception cref="DeviseInputException">The file is missing, or a line is not as expected; the message is <c>file:line: found, expected</c>.</exception>
    public static WordVectors ReadVec(string path, Predicate<string>? wanted = null)
    {
        using var reader = new VecReader(path).ReadHeader();
        var result = new WordVectors(path, reader.Dimension);
        var values = new float[reader.Dimension];
        while (reader.TryRead(wanted, values, out var word, out var parsed))
        {
            if (!parsed) continue;
            if (!result._rows.TryAdd(word, result._words.Count)) { result.Duplicates++; continue; }
            result._words.Add(word);
            result._vectors.Add([.. values]);
        }
        return result;
    }

    /// <summary>Whether the word is held.</summary>
    public bool Contains(string word) => _rows.ContainsKey(word);

    /// <summary>The vector of a word, <see cref="Dimension"/> values.</summary>
    /// <returns>False where the word is not held.</returns>
    public bool TryGet(string word, out ReadOnlySpan<float> vector)
    {
        var found = _rows.TryGetValue(word, out var row);
        vector = found ? _vectors[row] : default;
        return found;
    }

    /// <summary>The <paramref name="count"/> words with the highest cosine to <paramref name="query"/>, best first.</summary>
    /// <param name="query">A vector of <see cref="Dimension"/> values, of any length.</param>
    /// <param name="count">How many, at least 1.</param>
    public IReadOnlyList<(string Word, float Cosine)> Nearest(ReadOnlySpan<float> query, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var best = new PriorityQueue<int, float>();
        for (var row = 0; row < _vectors.Count; row++)
        {
            var cosine = TensorPrimitives.CosineSimilarity(query, _vectors[row]);
            if (float.IsNaN(cosine)) continue;
            if (best.Count < count) best.Enqueue(row, cosine);
            else best.EnqueueDequeue(row, cosine);
        }
        var nearest = new List<(string, float)>();
        while (best.TryDequeue(out var row, out var cosine)) nearest.Add((_words[row], cosine));
        nearest.Reverse();
        return nearest;
    }
}
