using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Search.Scan;

/// <summary>AVX-512: 32 rows with twelve queries take 24 of the 32 registers.</summary>
internal readonly unsafe struct Avx512Panel : IPanel
{
    public static int Rows => 32;

    public static int Queries => 12;

    public static uint AtLeast(float* cosines, float floor) =>
        (uint)Vector512.GreaterThanOrEqual(Vector512.Load(cosines), Vector512.Create(floor)).ExtractMostSignificantBits()
        | (uint)Vector512.GreaterThanOrEqual(Vector512.Load(cosines + 16), Vector512.Create(floor)).ExtractMostSignificantBits() << 16;

    // On its own, all accumulators stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* panel, float* queries, int length, float* result)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default, a8 = default, a9 = default, a10 = default, a11 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default, b8 = default, b9 = default, b10 = default, b11 = default;
        for (var d = 0; d < length; d++, panel += Rows, queries += Queries)
        {
            var (x, y) = (Vector512.Load(panel), Vector512.Load(panel + 16));
            var q = Vector512.Create(queries[0]);
            a0 = Vector512.FusedMultiplyAdd(x, q, a0);
            b0 = Vector512.FusedMultiplyAdd(y, q, b0);
            q = Vector512.Create(queries[1]);
            a1 = Vector512.FusedMultiplyAdd(x, q, a1);
            b1 = Vector512.FusedMultiplyAdd(y, q, b1);
            q = Vector512.Create(queries[2]);
            a2 = Vector512.FusedMultiplyAdd(x, q, a2);
            b2 = Vector512.FusedMultiplyAdd(y, q, b2);
            q = Vector512.Create(queries[3]);
            a3 = Vector512.FusedMultiplyAdd(x, q, a3);
            b3 = Vector512.FusedMultiplyAdd(y, q, b3);
            q = Vector512.Create(queries[4]);
            a4 = Vector512.FusedMultiplyAdd(x, q, a4);
            b4 = Vector512.FusedMultiplyAdd(y, q, b4);
            q = Vector512.Create(queries[5]);
            a5 = Vector512.FusedMultiplyAdd(x, q, a5);
            b5 = Vector512.FusedMultiplyAdd(y, q, b5);
            q = Vector512.Create(queries[6]);
            a6 = Vector512.FusedMultiplyAdd(x, q, a6);
            b6 = Vector512.FusedMultiplyAdd(y, q, b6);
            q = Vector512.Create(queries[7]);
            a7 = Vector512.FusedMultiplyAdd(x, q, a7);
            b7 = Vector512.FusedMultiplyAdd(y, q, b7);
            q = Vector512.Create(queries[8]);
            a8 = Vector512.FusedMultiplyAdd(x, q, a8);
            b8 = Vector512.FusedMultiplyAdd(y, q, b8);
            q = Vector512.Create(queries[9]);
            a9 = Vector512.FusedMultiplyAdd(x, q, a9);
            b9 = Vector512.FusedMultiplyAdd(y, q, b9);
            q = Vector512.Create(queries[10]);
            a10 = Vector512.FusedMultiplyAdd(x, q, a10);
            b10 = Vector512.FusedMultiplyAdd(y, q, b10);
            q = Vector512.Create(queries[11]);
            a11 = Vector512.FusedMultiplyAdd(x, q, a11);
            b11 = Vector512.FusedMultiplyAdd(y, q, b11);
        }
        Store(result, 0, a0, b0); Store(result, 1, a1, b1); Store(result, 2, a2, b2); Store(result, 3, a3, b3);
        Store(result, 4, a4, b4); Store(result, 5, a5, b5); Store(result, 6, a6, b6); Store(result, 7, a7, b7);
        Store(result, 8, a8, b8); Store(result, 9, a9, b9); Store(result, 10, a10, b10); Store(result, 11, a11, b11);
    }

    private static void Store(float* result, int query, Vector512<float> low, Vector512<float> high)
    {
        low.Store(result + query * Rows);
        high.Store(result + query * Rows + 16);
    }
}
