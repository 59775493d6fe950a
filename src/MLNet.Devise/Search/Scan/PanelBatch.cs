using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Scan;

/// <summary>
/// Many queries over all rows as a matrix product, AVX-512: 32 rows are transposed once into a panel, which stays in the second-level
/// cache, and each pass multiplies it with twelve queries in 24 registers.
/// </summary>
internal static unsafe class PanelBatch
{
    /// <summary>Queries a pass.</summary>
    public const int Queries = 12;

    private const int PanelRows = 32, PanelsAtOnce = 8;

    public static void Scan(VectorTable table, int rows, PaddedQuery[] queries, NearTop[] best, RowFilter filter)
    {
        var (length, groups) = (table.RowFloats, (queries.Length + Queries - 1) / Queries);
        var packed = (float*)NativeMemory.AlignedAlloc((nuint)groups * (nuint)length * Queries * sizeof(float), 64);
        var panels = (float*)NativeMemory.AlignedAlloc((nuint)length * PanelRows * PanelsAtOnce * sizeof(float), 64);
        var cosines = (float*)NativeMemory.AlignedAlloc(Queries * PanelRows * sizeof(float), 64);
        try
        {
            for (var i = 0; i < groups * Queries; i++)
                for (var d = 0; d < length; d++)
                    packed[((long)(i / Queries) * length + d) * Queries + i % Queries] = i < queries.Length ? queries[i].Floats[d] : 0;
            for (var first = 0; first < rows; first += PanelRows * PanelsAtOnce)
            {
                var here = Math.Min(PanelsAtOnce, (rows - first + PanelRows - 1) / PanelRows);
                for (var p = 0; p < here; p++) Transpose(table, first + p * PanelRows, rows, panels + (long)p * length * PanelRows);
                for (var g = 0; g < groups; g++)
                    for (var p = 0; p < here; p++)
                    {
                        Multiply(panels + (long)p * length * PanelRows, packed + (long)g * length * Queries, length, cosines);
                        for (var i = 0; i < Math.Min(Queries, queries.Length - g * Queries); i++)
                            Sift(cosines + i * PanelRows, first + p * PanelRows, rows, best[g * Queries + i], filter);
                    }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(packed);
            NativeMemory.AlignedFree(panels);
            NativeMemory.AlignedFree(cosines);
        }
    }

    private static void Sift(float* cosines, int first, int rows, NearTop best, RowFilter filter)
    {
        var floor = Vector512.Create(best.Floor);
        var passed = (uint)Vector512.GreaterThanOrEqual(Vector512.Load(cosines), floor).ExtractMostSignificantBits()
            | (uint)Vector512.GreaterThanOrEqual(Vector512.Load(cosines + 16), floor).ExtractMostSignificantBits() << 16;
        for (; passed != 0; passed &= passed - 1)
        {
            var i = System.Numerics.BitOperations.TrailingZeroCount(passed);
            if (first + i < rows && filter.Accepts(first + i)) best.Add(cosines[i], first + i);
        }
    }

    /// <summary>Value d of row r to panel[32 d + r]; rows beyond the last are zeros.</summary>
    private static void Transpose(VectorTable table, int first, int rows, float* panel)
    {
        var length = table.RowFloats;
        for (var r = 0; r < PanelRows; r += 4)
        {
            if (first + r + 4 > rows)
            {
                for (var i = r; i < r + 4; i++)
                    for (var d = 0; d < length; d++) panel[PanelRows * d + i] = first + i < rows ? ((float*)table.Vectors.Row(first + i))[d] : 0;
                continue;
            }
            var a = (float*)table.Vectors.Row(first + r);
            var b = (float*)table.Vectors.Row(first + r + 1);
            var c = (float*)table.Vectors.Row(first + r + 2);
            var e = (float*)table.Vectors.Row(first + r + 3);
            for (var d = 0; d < length; d += 4)
            {
                var (x, y, z, w) = (Vector128.Load(a + d), Vector128.Load(b + d), Vector128.Load(c + d), Vector128.Load(e + d));
                var (lowAb, highAb) = (Sse.UnpackLow(x, y), Sse.UnpackHigh(x, y));
                var (lowCe, highCe) = (Sse.UnpackLow(z, w), Sse.UnpackHigh(z, w));
                var to = panel + PanelRows * d + r;
                Sse.MoveLowToHigh(lowAb, lowCe).Store(to);
                Sse.MoveHighToLow(lowCe, lowAb).Store(to + PanelRows);
                Sse.MoveLowToHigh(highAb, highCe).Store(to + 2 * PanelRows);
                Sse.MoveHighToLow(highCe, highAb).Store(to + 3 * PanelRows);
            }
        }
    }

    /// <summary>Cosine of query q and row r to result[32 q + r].</summary>
    private static void Multiply(float* panel, float* queries, int length, float* result)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default, a8 = default, a9 = default, a10 = default, a11 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default, b8 = default, b9 = default, b10 = default, b11 = default;
        for (var d = 0; d < length; d++, panel += PanelRows, queries += Queries)
        {
            var (x, y) = (Vector512.Load(panel), Vector512.Load(panel + 16));
            var q = Vector512.Create(queries[0]);
            (a0, b0) = (Vector512.FusedMultiplyAdd(x, q, a0), Vector512.FusedMultiplyAdd(y, q, b0));
            q = Vector512.Create(queries[1]);
            (a1, b1) = (Vector512.FusedMultiplyAdd(x, q, a1), Vector512.FusedMultiplyAdd(y, q, b1));
            q = Vector512.Create(queries[2]);
            (a2, b2) = (Vector512.FusedMultiplyAdd(x, q, a2), Vector512.FusedMultiplyAdd(y, q, b2));
            q = Vector512.Create(queries[3]);
            (a3, b3) = (Vector512.FusedMultiplyAdd(x, q, a3), Vector512.FusedMultiplyAdd(y, q, b3));
            q = Vector512.Create(queries[4]);
            (a4, b4) = (Vector512.FusedMultiplyAdd(x, q, a4), Vector512.FusedMultiplyAdd(y, q, b4));
            q = Vector512.Create(queries[5]);
            (a5, b5) = (Vector512.FusedMultiplyAdd(x, q, a5), Vector512.FusedMultiplyAdd(y, q, b5));
            q = Vector512.Create(queries[6]);
            (a6, b6) = (Vector512.FusedMultiplyAdd(x, q, a6), Vector512.FusedMultiplyAdd(y, q, b6));
            q = Vector512.Create(queries[7]);
            (a7, b7) = (Vector512.FusedMultiplyAdd(x, q, a7), Vector512.FusedMultiplyAdd(y, q, b7));
            q = Vector512.Create(queries[8]);
            (a8, b8) = (Vector512.FusedMultiplyAdd(x, q, a8), Vector512.FusedMultiplyAdd(y, q, b8));
            q = Vector512.Create(queries[9]);
            (a9, b9) = (Vector512.FusedMultiplyAdd(x, q, a9), Vector512.FusedMultiplyAdd(y, q, b9));
            q = Vector512.Create(queries[10]);
            (a10, b10) = (Vector512.FusedMultiplyAdd(x, q, a10), Vector512.FusedMultiplyAdd(y, q, b10));
            q = Vector512.Create(queries[11]);
            (a11, b11) = (Vector512.FusedMultiplyAdd(x, q, a11), Vector512.FusedMultiplyAdd(y, q, b11));
        }
        Store(result, 0, a0, b0); Store(result, 1, a1, b1); Store(result, 2, a2, b2); Store(result, 3, a3, b3);
        Store(result, 4, a4, b4); Store(result, 5, a5, b5); Store(result, 6, a6, b6); Store(result, 7, a7, b7);
        Store(result, 8, a8, b8); Store(result, 9, a9, b9); Store(result, 10, a10, b10); Store(result, 11, a11, b11);
    }

    private static void Store(float* result, int query, Vector512<float> low, Vector512<float> high)
    {
        low.Store(result + query * PanelRows);
        high.Store(result + query * PanelRows + 16);
    }
}
