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
    public static float Encode(float* vector, int dimension, byte* row, int stride)
    {
        var scale = Largest(vector, dimension) / RowLevels;
        var lost = 0.0;
        for (var i = 0; i < dimension; i++)
        {
            var level = MathF.Round(vector[i] / scale);
            row[i] = (byte)((int)level + 128);
            lost += Math.Pow(vector[i] - level * (double)scale, 2);
        }
        for (var i = dimension; i < stride - TrailerBytes; i++) row[i] = 128;
        *(float*)(row + stride - TrailerBytes) = scale;
        return (float)Math.Sqrt(lost);
    }

    /// <summary>Writes a query's codes.</summary>
    public static QueryCode EncodeQuery(float* vector, int dimension, sbyte* query, int stride)
    {
        var scale = Largest(vector, dimension) / QueryLevels;
        var (sum, lost) = (0, 0.0);
        for (var i = 0; i < dimension; i++)
        {
            var level = MathF.Round(vector[i] / scale);
            query[i] = (sbyte)level;
            sum += (int)level;
            lost += Math.Pow(vector[i] - level * (double)scale, 2);
        }
        for (var i = dimension; i < stride; i++) query[i] = 0;
        return new(scale, sum * 128, (float)Math.Sqrt(lost));
    }

    private static float Largest(float* vector, int dimension)
    {
        var largest = float.Epsilon;
        for (var i = 0; i < dimension; i++) largest = MathF.Max(largest, MathF.Abs(vector[i]));
        return largest;
    }
}

/// <summary>What turns a sum of a query's code products into a cosine: (sum − <see cref="Offset"/>) × <see cref="Scale"/> × the row's scale.</summary>
/// <param name="Scale">Of the query's codes.</param>
/// <param name="Offset">128 times the sum of the query's codes.</param>
/// <param name="Lost">Length of what rounding took away from the query.</param>
internal readonly record struct QueryCode(float Scale, int Offset, float Lost);
