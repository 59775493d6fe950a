using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace MLNet.Devise.Search.Kernels;

/// <summary>
/// Vectors as one-byte codes. A stored row has value ÷ scale + 128 for each value, 128 as padding, and in its last bytes the scale; a
/// query has value ÷ scale within ±63 and zeros, so that padding and trailer count for nothing.
/// </summary>
internal static unsafe class CodeRow
{
    /// <summary>The scale at the end of a row.</summary>
    public const int TrailerBytes = sizeof(float);

    private const int RowLevels = 127, QueryLevels = 63;

    /// <summary>Bytes of a row: codes and trailer, in whole cache lines.</summary>
    public static int Stride(int dimension) => (dimension + TrailerBytes + 63) / 64 * 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* row, int stride) => *(float*)(row + stride - TrailerBytes);

    /// <summary>Writes a row's codes; returns the length of what rounding took away.</summary>
    [SkipLocalsInit]
    public static float Encode(float* vector, int dimension, byte* row, int stride)
    {
        Span<float> levels = stackalloc float[dimension];
        var scale = Round(new(vector, dimension), levels, RowLevels);
        for (var i = 0; i < dimension; i++) row[i] = (byte)((int)levels[i] + 128);
        new Span<byte>(row + dimension, stride - dimension - TrailerBytes).Fill(128);
        *(float*)(row + stride - TrailerBytes) = scale;
        return Lost(new(vector, dimension), levels, scale);
    }

    /// <summary>Writes a query's codes.</summary>
    [SkipLocalsInit]
    public static QueryCode EncodeQuery(float* vector, int dimension, sbyte* query, int stride)
    {
        Span<float> levels = stackalloc float[dimension];
        var scale = Round(new(vector, dimension), levels, QueryLevels);
        var sum = 0;
        for (var i = 0; i < dimension; i++) sum += query[i] = (sbyte)levels[i];
        new Span<sbyte>(query + dimension, stride - dimension).Clear();
        return new(scale, sum * 128, Lost(new(vector, dimension), levels, scale));
    }

    /// <summary>Whole levels so that the largest value has <paramref name="most"/>; returns what a level is worth.</summary>
    private static float Round(ReadOnlySpan<float> vector, Span<float> levels, int most)
    {
        var scale = MathF.Max(MathF.Abs(TensorPrimitives.MaxMagnitude(vector)), 1e-30f) / most;
        TensorPrimitives.Divide(vector, scale, levels);
        TensorPrimitives.Round<float>(levels, levels);
        return scale;
    }

    private static float Lost(ReadOnlySpan<float> vector, Span<float> levels, float scale)
    {
        TensorPrimitives.MultiplyAdd(levels, -scale, vector, levels);
        return TensorPrimitives.Norm<float>(levels);
    }
}

/// <summary>What turns a sum of a query's code products into a cosine: (sum − <see cref="Offset"/>) × <see cref="Scale"/> × the row's scale.</summary>
/// <param name="Scale">Of the query's codes.</param>
/// <param name="Offset">128 times the sum of the query's codes.</param>
/// <param name="Lost">Length of what rounding took away from the query.</param>
internal readonly record struct QueryCode(float Scale, int Offset, float Lost);
