using System.Numerics.Tensors;
using System.Text;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels.Cache;

/// <summary>
/// Word vectors in a mapped file of our own (<see cref="CacheLayout"/>). Opening checks the header, all tables and their checksum; the rows,
/// which are nearly all of the file, are checked by <see cref="Verify"/> only. Whatever the rows hold, no read leaves the file.
/// </summary>
internal sealed class VectorCache : WordVectors
{
    private readonly MappedFile _file;
    private readonly CacheLayout _layout;

    private VectorCache(MappedFile file, CacheLayout layout) : base(file.Path, layout.Dimension) => (_file, _layout) = (file, layout);

    public override int Count => _layout.Count;

    public CachePrecision Precision => _layout.Precision;

    /// <summary>What the cache was made from.</summary>
    public string Note => Encoding.UTF8.GetString(_file.Span<byte>(_layout.Note, _layout.NoteBytes));

    internal override long RankedWords => _file.Value<long>(40);

    /// <exception cref="DeviseInputException">The file is damaged, cut, or of a newer version.</exception>
    public static VectorCache Open(VectorFile file, CancellationToken cancellation = default)
    {
        var mapped = new MappedFile(file, cancellation);
        try
        {
            var layout = CacheCheck.Header(mapped);
            CacheCheck.Tables(mapped, layout);
            return new(mapped, layout);
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    /// <summary>Reads every row: checksum, finite values, lengths, order of names.</summary>
    /// <exception cref="DeviseInputException">Something is damaged.</exception>
    public void Verify(CancellationToken cancellation = default) => CacheCheck.Rows(_file, _layout, this, cancellation);

    public override string Word(int row) => Encoding.UTF8.GetString(Name(row));

    public override int IndexOf(string word)
    {
        Span<byte> name = stackalloc byte[512];
        if (Encoding.UTF8.GetMaxByteCount(word.Length) > name.Length) name = new byte[Encoding.UTF8.GetMaxByteCount(word.Length)];
        name = name[..Encoding.UTF8.GetBytes(word, name)];
        var order = _file.Span<int>(_layout.Order, Count);
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = low + (high - low) / 2;
            var compared = Name(order[middle]).SequenceCompareTo(name);
            if (compared == 0) return order[middle];
            if (compared < 0) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }

    public override void Read(int row, Span<float> vector)
    {
        if (Precision == CachePrecision.Fp32) _file.Span<float>(Place(row), Dimension).CopyTo(vector);
        else
        {
            TensorPrimitives.ConvertTruncating(_file.Span<sbyte>(Place(row), Dimension), vector[..Dimension]);
            TensorPrimitives.Multiply(vector[..Dimension], _file.Value<float>(_layout.Scales + 4L * row), vector);
        }
    }

    public override long Rank(int row) => _file.Value<uint>(_layout.Ranks + 4L * row);

    /// <summary>What the row's 1 / length must be; <paramref name="vector"/> is what <see cref="Read"/> gave.</summary>
    internal float Inverse(int row, ReadOnlySpan<float> vector) =>
        Precision == CachePrecision.Fp32 ? RowInverse.Of(vector) : RowInverse.Of(_file.Span<sbyte>(Place(row), Dimension), _file.Value<float>(_layout.Scales + 4L * row));

    internal ReadOnlySpan<byte> Name(int row)
    {
        var ends = _file.Span<uint>(_layout.Starts + 4L * row, 2);
        return _file.Span<byte>(_layout.Names + ends[0], (int)(ends[1] - ends[0]));
    }

    private protected override void Cosines(ReadOnlySpan<float> unit, int first, Span<float> cosines)
    {
        var inverses = _file.Span<float>(_layout.Inverses + 4L * first, cosines.Length);
        if (Precision == CachePrecision.Fp32) RowDots.Of(unit, _file.Span<float>(Place(first), cosines.Length * Dimension), cosines);
        else
        {
            RowDots.Of(unit, _file.Span<sbyte>(Place(first), cosines.Length * Dimension), cosines);
            TensorPrimitives.Multiply(cosines, _file.Span<float>(_layout.Scales + 4L * first, cosines.Length), cosines);
        }
        for (var i = 0; i < cosines.Length; i++) cosines[i] = inverses[i] > 0 ? cosines[i] * inverses[i] : float.NaN;
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }

    private long Place(int row) => CacheLayout.Rows + (long)row * _layout.RowBytes;
}
