using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Labels;

/// <summary>
/// Dot products of one vector with many rows that lie one after the other. Compiled at full optimisation at once: a scan of a million rows
/// is over before the runtime would come to it.
/// </summary>
internal static class RowDots
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(ReadOnlySpan<float> vector, ReadOnlySpan<float> rows, Span<float> dots)
    {
        Check(vector.Length, rows.Length, dots.Length);
        ref var x = ref MemoryMarshal.GetReference(vector);
        var (size, width) = (vector.Length, Vector<float>.Count);
        for (var i = 0; i < dots.Length; i++)
        {
            ref var row = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows), (nint)i * size);
            var (even, odd, d) = (Vector<float>.Zero, Vector<float>.Zero, 0);
            for (; d <= size - 2 * width; d += 2 * width)
            {
                even = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, (nuint)d), Vector.LoadUnsafe(ref row, (nuint)d), even);
                odd = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, (nuint)(d + width)), Vector.LoadUnsafe(ref row, (nuint)(d + width)), odd);
            }
            var sum = Vector.Sum(even + odd);
            for (; d < size; d++) sum += Unsafe.Add(ref x, d) * Unsafe.Add(ref row, d);
            dots[i] = sum;
        }
    }

    /// <summary>The same with rows of a byte a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(ReadOnlySpan<float> vector, ReadOnlySpan<sbyte> rows, Span<float> dots)
    {
        Check(vector.Length, rows.Length, dots.Length);
        ref var x = ref MemoryMarshal.GetReference(vector);
        var (size, width) = (vector.Length, Vector<float>.Count);
        for (var i = 0; i < dots.Length; i++)
        {
            ref var row = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows), (nint)i * size);
            var (even, odd, d) = (Vector<float>.Zero, Vector<float>.Zero, 0);
            for (; d <= size - 4 * width; d += 4 * width)
            {
                Vector.Widen(Vector.LoadUnsafe(ref row, (nuint)d), out var low, out var high);
                Vector.Widen(low, out var first, out var second);
                Vector.Widen(high, out var third, out var fourth);
                even = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, (nuint)d), Vector.ConvertToSingle(first), even);
                odd = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, (nuint)(d + width)), Vector.ConvertToSingle(second), odd);
                even = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, (nuint)(d + 2 * width)), Vector.ConvertToSingle(third), even);
                odd = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, (nuint)(d + 3 * width)), Vector.ConvertToSingle(fourth), odd);
            }
            var sum = Vector.Sum(even + odd);
            for (; d < size; d++) sum += Unsafe.Add(ref x, d) * Unsafe.Add(ref row, d);
            dots[i] = sum;
        }
    }

    private static void Check(int size, int values, int rows)
    {
        if ((long)size * rows != values) throw new ArgumentException($"{values} values for {rows} rows of {size}");
    }
}
