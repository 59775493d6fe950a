using MLNet.Devise.Search.Kernels;

namespace MLNet.Devise.Search.Storage;

/// <summary>Ids, vectors and, where searches read those, codes of all rows. One writer at a time; rows that are there never change.</summary>
internal sealed unsafe class VectorTable : IDisposable
{
    private readonly IDisposable? _file;

    public VectorTable(int dimension, VectorStorage storage)
        : this(dimension, new(Padded(dimension) * sizeof(float)), storage == VectorStorage.Int8 ? new(CodeRow.Stride(dimension)) : null, new(null), 0, null) { }

    /// <param name="dimension">Values a vector.</param>
    /// <param name="vectors">Rows of floats, padded with zeros.</param>
    /// <param name="codes">Rows of codes; null for none.</param>
    /// <param name="ids">As many.</param>
    /// <param name="lost">The most that rounding to codes took away from a row.</param>
    /// <param name="file">Disposed with this.</param>
    public VectorTable(int dimension, RowChunks vectors, RowChunks? codes, IdColumn ids, float lost, IDisposable? file) =>
        (Dimension, Vectors, Codes, Ids, Lost, _file) = (dimension, vectors, codes, ids, lost, file);

    public int Dimension { get; }

    /// <summary>Floats a row: the dimension in whole cache lines.</summary>
    public int RowFloats => Vectors.Stride / sizeof(float);

    public RowChunks Vectors { get; }

    public RowChunks? Codes { get; }

    public IdColumn Ids { get; }

    /// <summary>The most that rounding to codes took away from a row, as a length.</summary>
    public float Lost { get; private set; }

    public VectorStorage Storage => Codes is null ? VectorStorage.Fp32 : VectorStorage.Int8;

    public ReadOnlySpan<float> Vector(int row) => new(Vectors.Row(row), Dimension);

    public static int Padded(int dimension) => (dimension + 15) / 16 * 16;

    /// <summary>Appends rows, which their reader must not be told of before this returns.</summary>
    public void Append(IReadOnlyList<string> ids, ReadOnlySpan<float> vectors)
    {
        var first = Ids.Count;
        Vectors.Grow(first + ids.Count);
        Codes?.Grow(first + ids.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            var row = (float*)Vectors.Row(first + i);
            var padded = new Span<float>(row, RowFloats);
            vectors.Slice(i * Dimension, Dimension).CopyTo(padded);
            padded[Dimension..].Clear();
            if (Codes is not null) Lost = Math.Max(Lost, CodeRow.Encode(row, Dimension, Codes.Row(first + i), Codes.Stride));
            Ids.Add(ids[i]);
        }
    }

    public void Dispose()
    {
        Vectors.Dispose();
        Codes?.Dispose();
        _file?.Dispose();
    }
}
