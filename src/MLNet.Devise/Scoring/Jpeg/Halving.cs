using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>Samples at half the resolution: the mean of two by two, rounded up from a half.</summary>
internal static unsafe class Halving
{
    /// <summary>Two rows to one, which may lie where the first does.</summary>
    /// <param name="above">The first.</param>
    /// <param name="below">The second.</param>
    /// <param name="target">The mean of the four samples from 2 x on at x.</param>
    /// <param name="count">How many; up to 15 more are written, and twice as many read.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(byte* above, byte* below, byte* target, int count)
    {
        var ones = Vector256.Create((sbyte)1);
        for (var x = 0; x < count; x += Vector128<byte>.Count)
        {
            var sums = Avx2.MultiplyAddAdjacent(Vector256.Load(above + 2 * x), ones) + Avx2.MultiplyAddAdjacent(Vector256.Load(below + 2 * x), ones);
            var means = Vector256.ShiftRightLogical(sums + Vector256.Create((short)2), 2);
            Sse2.PackUnsignedSaturate(means.GetLower(), means.GetUpper()).Store(target + x);
        }
    }
}
