using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>AVX-512: six rows of 32 columns.</summary>
internal readonly unsafe struct Avx512Product : IBlockProduct
{
    /// <inheritdoc cref="IBlockProduct.Columns"/>
    public const int Width = 32;

    public static int Columns => Width;

    // On its own, all sums stay in registers; what a smaller number of rows does not need, the compiler leaves out. A sum is stored where
    // it came from in a statement of its own: else the compiler moves registers about, half as many instructions again.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TRows>(float** rows, float* weights, float* bias, float* result, in BlockShape shape) where TRows : struct, IRowCount
    {
        Vector512<float> a0 = Vector512.Load(bias), b0 = Vector512.Load(bias + 16), q;
        Vector512<float> a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
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
                var (x, y) = (Vector512.Load(weights), Vector512.Load(weights + 16));
                q = Vector512.Create(r0[i]); a0 = Avx512F.FusedMultiplyAdd(x, q, a0); b0 = Avx512F.FusedMultiplyAdd(y, q, b0);
                if (TRows.Value > 1) { q = Vector512.Create(r1[i]); a1 = Avx512F.FusedMultiplyAdd(x, q, a1); b1 = Avx512F.FusedMultiplyAdd(y, q, b1); }
                if (TRows.Value > 2) { q = Vector512.Create(r2[i]); a2 = Avx512F.FusedMultiplyAdd(x, q, a2); b2 = Avx512F.FusedMultiplyAdd(y, q, b2); }
                if (TRows.Value > 3) { q = Vector512.Create(r3[i]); a3 = Avx512F.FusedMultiplyAdd(x, q, a3); b3 = Avx512F.FusedMultiplyAdd(y, q, b3); }
                if (TRows.Value > 4) { q = Vector512.Create(r4[i]); a4 = Avx512F.FusedMultiplyAdd(x, q, a4); b4 = Avx512F.FusedMultiplyAdd(y, q, b4); }
                if (TRows.Value > 5) { q = Vector512.Create(r5[i]); a5 = Avx512F.FusedMultiplyAdd(x, q, a5); b5 = Avx512F.FusedMultiplyAdd(y, q, b5); }
            }
            r0 += step; r1 += step; r2 += step; r3 += step; r4 += step; r5 += step;
        }
        // In this order, what is not a number stays so.
        var (floor, pitch) = (Vector512.Create(shape.Floor), shape.Pitch);
        Store(result, Avx512F.Max(floor, a0), Avx512F.Max(floor, b0));
        if (TRows.Value > 1) Store(result + pitch, Avx512F.Max(floor, a1), Avx512F.Max(floor, b1));
        if (TRows.Value > 2) Store(result + 2 * pitch, Avx512F.Max(floor, a2), Avx512F.Max(floor, b2));
        if (TRows.Value > 3) Store(result + 3 * pitch, Avx512F.Max(floor, a3), Avx512F.Max(floor, b3));
        if (TRows.Value > 4) Store(result + 4 * pitch, Avx512F.Max(floor, a4), Avx512F.Max(floor, b4));
        if (TRows.Value > 5) Store(result + 5 * pitch, Avx512F.Max(floor, a5), Avx512F.Max(floor, b5));
    }

    private static void Store(float* at, Vector512<float> low, Vector512<float> high)
    {
        low.Store(at);
        high.Store(at + 16);
    }
}
