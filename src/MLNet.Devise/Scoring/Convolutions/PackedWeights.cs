namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>A matrix in blocks of columns, each block's rows one after the other: what <see cref="IBlockProduct"/> reads, in the order it reads it.</summary>
internal sealed unsafe class PackedWeights
{
    private readonly AlignedValues _values;
    private readonly int _block;

    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns; the last block's missing ones are 0.</param>
    /// <param name="block">Columns of a block.</param>
    public PackedWeights(int rows, int columns, int block)
    {
        (_block, Blocks, BlockLength) = (block, (columns + block - 1) / block, rows * block);
        _values = new((long)Blocks * BlockLength);
    }

    public int Blocks { get; }

    /// <summary>Values of a block.</summary>
    public int BlockLength { get; }

    public long Bytes => (long)_values.Length * sizeof(float);

    /// <summary>All values; those that are not set are 0.</summary>
    public Span<float> Values => _values.Span;

    /// <summary>Which of <see cref="Values"/> a row and a column have.</summary>
    public int IndexOf(int row, int column) => column / _block * BlockLength + row * _block + column % _block;

    /// <summary>Where a block begins.</summary>
    public float* this[int block] => _values.Start + (nint)block * BlockLength;
}
