using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Search.Scan;

/// <summary>AVX2 and FMA: 16 rows with six queries take 12 of the 16 registers.</summary>
internal readonly unsafe struct Avx2Panel : IPanel
{
    public static int Rows => 16;

    public static int Queries => 6;

    public static uint AtLeast(float* cosines, float floor) =>
        Vector256.GreaterThanOrEqual(Vector256.Load(cosines), Vector256.Create(floor)).ExtractMostSignificantBits()
        | Vector256.GreaterThanOrEqual(Vector256.Load(cosines + 8), Vector256.Create(floor)).ExtractMostSignificantBits() << 8;

    // On its own, all accumulators stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* panel, float* queries, int length, float* result)
    {
        Vector256<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        Vector256<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
        for (var d = 0; d < length; d++, panel += Rows, queries += Queries)
        {
            var (x, y) = (Vector256.Load(panel), Vector256.Load(panel + 8));
            var q = Vector256.Create(queries[0]);
            a0 = Fma.MultiplyAdd(x, q, a0);
            b0 = Fma.MultiplyAdd(y, q, b0);
            q = Vector256.Create(queries[1]);
            a1 = Fma.MultiplyAdd(x, q, a1);
            b1 = Fma.MultiplyAdd(y, q, b1);
            q = Vector256.Create(queries[2]);
            a2 = Fma.MultiplyAdd(x, q, a2);
            b2 = Fma.MultiplyAdd(y, q, b2);
            q = Vector256.Create(queries[3]);
            a3 = Fma.MultiplyAdd(x, q, a3);
            b3 = Fma.MultiplyAdd(y, q, b3);
            q = Vector256.Create(queries[4]);
            a4 = Fma.MultiplyAdd(x, q, a4);
            b4 = Fma.MultiplyAdd(y, q, b4);
            q = Vector256.Create(queries[5]);
            a5 = Fma.MultiplyAdd(x, q, a5);
            b5 = Fma.MultiplyAdd(y, q, b5);
        }
        Store(result, 0, a0, b0); Store(result, 1, a1, b1); Store(result, 2, a2, b2);
        Store(result, 3, a3, b3); Store(result, 4, a4, b4); Store(result, 5, a5, b5);
    }

    private static void Store(float* result, int query, Vector256<float> low, Vector256<float> high)
    {
        low.Store(result + query * Rows);
        high.Store(result + query * Rows + 8);
    }
}
