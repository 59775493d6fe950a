using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>A matrix in blocks of columns, each block's rows one after the other: what <see cref="IBlockProduct"/> reads, in the order it reads it.</summary>
internal sealed unsafe class PackedWeights
{
    private readonly float[] _values;

    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns; the last block's missing ones are 0.</param>
    /// <param name="block">Columns of a block.</param>
    /// <param name="at">The value of a row and a column.</param>
    public PackedWeights(int rows, int columns, int block, Func<int, int, double> at)
    {
        (Rows, Blocks, BlockLength) = (rows, (columns + block - 1) / block, rows * block);
        _values = GC.AllocateUninitializedArray<float>(checked(Blocks * BlockLength), pinned: true);
        var i = 0;
        for (var b = 0; b < Blocks; b++)
            for (var row = 0; row < rows; row++)
                for (var column = b * block; column < (b + 1) * block; column++) _values[i++] = column < columns ? (float)at(row, column) : 0;
    }

    public int Rows { get; }

    public int Blocks { get; }

    /// <summary>Values of a block.</summary>
    public int BlockLength { get; }

    public long Bytes => (long)_values.Length * sizeof(float);

    /// <summary>Where a block begins.</summary>
    public float* this[int block] => (float*)Unsafe.AsPointer(ref _values[0]) + (nint)block * BlockLength;
}
