using System.Numerics.Tensors;
using System.Text;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels.FastText;

/// <summary>
/// A whole fastText model (<c>.bin</c>), mapped: a word's vector is the mean of its own row and of the rows of its n-grams, and a word that
/// is not in the dictionary still has its n-grams. Cbow, skip-gram and supervised models, with n-grams or without.
/// </summary>
internal sealed class FastTextModel : WordVectors
{
    private static readonly ThreadLocal<List<int>> Buckets = new(() => []);

    private readonly MappedFile _file;
    private readonly FastTextHeader _header;
    private readonly FastTextDictionary _dictionary;
    private readonly long _rows, _matrix;

    private FastTextModel(MappedFile file, FastTextHeader header) : base(file.Path, header.Dimension)
    {
        (_file, _header, _dictionary) = (file, header, new(file, header.End));
        var at = _dictionary.End;
        if (file.Length - at < 17) throw FastTextHeader.Bad(file, "it ends before its vectors");
        if (file.Value<byte>(at) != 0)
            throw new DeviseInputException($"{file.Path}: a quantised fastText model (.ftz), whose vectors are rough approximations; take the whole model (.bin), or its vectors as .vec");
        (_rows, var width, _matrix) = (file.Value<long>(at + 1), file.Value<long>(at + 9), at + 17);
        if (_rows < _dictionary.Count || width != Dimension || _rows > (file.Length - _matrix) / (4L * Dimension))
            throw FastTextHeader.Bad(file, $"{_rows} rows of {width} values, expected at least {_dictionary.Count} of {Dimension}, in {file.Length - _matrix:N0} bytes");
    }

    public static ReadOnlySpan<byte> Magic => [0xBA, 0x16, 0x4F, 0x2F];

    public override int Count => _dictionary.Count;

    internal override long RankedWords => Count;

    /// <exception cref="DeviseInputException">The model is damaged, quantised, or of another version.</exception>
    public static FastTextModel Open(VectorFile file, CancellationToken cancellation = default)
    {
        var mapped = new MappedFile(file, cancellation);
        try { return new(mapped, FastTextHeader.Read(mapped)); }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    public override string Word(int row) => Encoding.UTF8.GetString(_dictionary.Word(row));
    public override int IndexOf(string word) => _dictionary.IndexOf(Encoding.UTF8.GetBytes(word));
    public override long Rank(int row) => row;
    public override double Frequency(int row) => _dictionary.Tokens > 0 ? Math.Clamp((double)_dictionary.Occurrences(row) / _dictionary.Tokens, 0, 1) : base.Frequency(row);
    public override void Read(int row, Span<float> vector) => Mean(row, _dictionary.Word(row), vector);
    public override bool TryInfer(string word, Span<float> vector) => Mean(-1, Encoding.UTF8.GetBytes(word), vector) > 0;

    private protected override void Cosines(ReadOnlySpan<float> unit, int first, Span<float> cosines)
    {
        Span<float> vector = stackalloc float[Dimension];
        for (var i = 0; i < cosines.Length; i++)
        {
            Read(first + i, vector);
            var norm = TensorPrimitives.Norm<float>(vector);
            cosines[i] = norm > 0 ? TensorPrimitives.Dot(unit, vector) / norm : float.NaN;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Mean of a word's own row, if it has one, and of its n-grams'; the mark of a sentence's end has none.</summary>
    /// <returns>Rows that it is the mean of.</returns>
    private int Mean(int row, ReadOnlySpan<byte> word, Span<float> vector)
    {
        var buckets = Buckets.Value!;
        buckets.Clear();
        if (!word.SequenceEqual("</s>"u8)) Subwords.Collect(word, _header.Shortest, _header.Longest, _header.Buckets, buckets);
        vector = vector[..Dimension];
        vector.Clear();
        var count = 0;
        if (row >= 0) count += Add(row, vector);
        foreach (var bucket in buckets)
            if (_dictionary.RowOf(bucket) is >= 0 and var kept) count += Add((long)Count + kept, vector);
        if (count > 0) TensorPrimitives.Divide(vector, count, vector);
        return count;
    }

    private int Add(long row, Span<float> vector)
    {
        // A damaged model may name a row that it does not have.
        if (row >= _rows) return 0;
        TensorPrimitives.Add(vector, _file.Span<float>(_matrix + row * Dimension * 4, Dimension), vector);
        return 1;
    }
}
