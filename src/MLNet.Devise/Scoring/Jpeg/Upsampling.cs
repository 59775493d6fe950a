using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// Colour of half the resolution at the picture's own: each sample three quarters of the nearer one and a quarter of the farther, down
/// and then across, rounded up and down in turn, as libjpeg does it.
/// </summary>
/// <remarks>Rows may be read one value before their beginning, and are read and written up to a multiple of 16.</remarks>
internal static unsafe class Upsampling
{
    /// <summary>Values before and after a row.</summary>
    public const int Margin = 32;

    private const int Lanes = 16;

    /// <summary>3 · near + far, four times a sample.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Down(byte* near, byte* far, short* sums, int count)
    {
        for (var x = 0; x < count; x += Lanes)
        {
            var closer = Widened(near + x);
            (closer + closer + closer + Widened(far + x)).Store(sums + x);
        }
    }

    /// <summary>A row as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(byte* row, short* values, int count)
    {
        for (var x = 0; x < count; x += Lanes) Widened(row + x).Store(values + x);
    }

    /// <summary>Two samples for each value.</summary>
    /// <param name="values">A row; the values before the first and after the last count too.</param>
    /// <param name="target">Sample 2 x at 2 x.</param>
    /// <param name="count">How many values.</param>
    /// <param name="left">Added before rounding down, to the sample nearer to the value before.</param>
    /// <param name="right">To the other.</param>
    /// <param name="shift">Bits that values, times four, have beyond those of a sample.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Across(short* values, byte* target, int count, short left, short right, int shift)
    {
        var (leftHalf, rightHalf) = (Vector256.Create(left), Vector256.Create(right));
        for (var x = 0; x < count; x += Lanes)
        {
            var value = Vector256.Load(values + x);
            var three = value + value + value;
            var even = Vector256.ShiftRightArithmetic(three + Vector256.Load(values + x - 1) + leftHalf, shift);
            var odd = Vector256.ShiftRightArithmetic(three + Vector256.Load(values + x + 1) + rightHalf, shift);
            (even | Vector256.ShiftLeft(odd, 8)).AsByte().Store(target + 2 * x);
        }
    }

    private static Vector256<short> Widened(byte* samples) => Avx2.ConvertToVector256Int16(Vector128.Load(samples));
}
