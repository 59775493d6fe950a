namespace MLNet.Devise.Labels.Files;

/// <summary>Some rows of a file, one after the other; reused, so what is kept must be copied.</summary>
internal sealed class VectorBatch(int dimension)
{
    private readonly List<string> _words = [];
    private readonly List<int> _rows = [];
    private float[] _values = [];

    /// <summary>Words in it.</summary>
    public int Count => _words.Count;

    /// <summary>Rows of the file before this batch; set by whoever knows.</summary>
    public long First { get; set; }

    /// <summary>A word.</summary>
    public string Word(int i) => _words[i];

    /// <summary>Position of a word in the file, from 0, bad rows and unwanted ones counted: files begin with the most frequent word.</summary>
    public long Rank(int i) => First + _rows[i];

    /// <summary>Its vector; empty where only words are read.</summary>
    public ReadOnlySpan<float> Vector(int i) => _values.Length == 0 ? default : _values.AsSpan(i * dimension, dimension);

    public void Clear()
    {
        _words.Clear();
        _rows.Clear();
    }

    /// <summary>Room for the next vector; <see cref="Add"/> keeps it.</summary>
    public Span<float> Next()
    {
        var end = (Count + 1) * dimension;
        if (_values.Length < end) Array.Resize(ref _values, Math.Max(end, _values.Length * 2));
        return _values.AsSpan(end - dimension, dimension);
    }

    public void Add(string word, int row)
    {
        _words.Add(word);
        _rows.Add(row);
    }
}
