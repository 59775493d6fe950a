using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>AVX2 and FMA: six rows of 16 columns take 12 of the 16 registers.</summary>
internal readonly unsafe struct Avx2Product : IBlockProduct
{
    public static int Columns => 16;

    // On its own, all sums stay in registers; what a smaller number of rows does not need, the compiler leaves out. A sum is stored where
    // it came from in a statement of its own: else the compiler moves registers about, half as many instructions again.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TRows>(float** rows, float* weights, float* bias, float* result, in BlockShape shape) where TRows : struct, IRowCount
    {
        Vector256<float> a0 = Vector256.Load(bias), b0 = Vector256.Load(bias + 8), q;
        Vector256<float> a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
        var (run, step) = ((nint)shape.Run, shape.Step);
        var r0 = rows[0];
        var r1 = TRows.Value > 1 ? rows[1] : r0;
        var r2 = TRows.Value > 2 ? rows[2] : r0;
        var r3 = TRows.Value > 3 ? rows[3] : r0;
        var r4 = TRows.Value > 4 ? rows[4] : r0;
        var r5 = TRows.Value > 5 ? rows[5] : r0;
        for (var segment = shape.Segments; segment > 0; segment--)
        {
            for (nint i = 0; i < run; i++, weights += Columns)
            {
                var (x, y) = (Vector256.Load(weights), Vector256.Load(weights + 8));
                q = Vector256.Create(r0[i]); a0 = Fma.MultiplyAdd(x, q, a0); b0 = Fma.MultiplyAdd(y, q, b0);
                if (TRows.Value > 1) { q = Vector256.Create(r1[i]); a1 = Fma.MultiplyAdd(x, q, a1); b1 = Fma.MultiplyAdd(y, q, b1); }
                if (TRows.Value > 2) { q = Vector256.Create(r2[i]); a2 = Fma.MultiplyAdd(x, q, a2); b2 = Fma.MultiplyAdd(y, q, b2); }
                if (TRows.Value > 3) { q = Vector256.Create(r3[i]); a3 = Fma.MultiplyAdd(x, q, a3); b3 = Fma.MultiplyAdd(y, q, b3); }
                if (TRows.Value > 4) { q = Vector256.Create(r4[i]); a4 = Fma.MultiplyAdd(x, q, a4); b4 = Fma.MultiplyAdd(y, q, b4); }
                if (TRows.Value > 5) { q = Vector256.Create(r5[i]); a5 = Fma.MultiplyAdd(x, q, a5); b5 = Fma.MultiplyAdd(y, q, b5); }
            }
            r0 += step; r1 += step; r2 += step; r3 += step; r4 += step; r5 += step;
        }
        // In this order, what is not a number stays so.
        var (floor, pitch) = (Vector256.Create(shape.Floor), shape.Pitch);
        Store(result, Avx.Max(floor, a0), Avx.Max(floor, b0));
        if (TRows.Value > 1) Store(result + pitch, Avx.Max(floor, a1), Avx.Max(floor, b1));
        if (TRows.Value > 2) Store(result + 2 * pitch, Avx.Max(floor, a2), Avx.Max(floor, b2));
        if (TRows.Value > 3) Store(result + 3 * pitch, Avx.Max(floor, a3), Avx.Max(floor, b3));
        if (TRows.Value > 4) Store(result + 4 * pitch, Avx.Max(floor, a4), Avx.Max(floor, b4));
        if (TRows.Value > 5) Store(result + 5 * pitch, Avx.Max(floor, a5), Avx.Max(floor, b5));
    }

    private static void Store(float* at, Vector256<float> low, Vector256<float> high)
    {
        low.Store(at);
        high.Store(at + 8);
    }
}
