using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Search.Kernels;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Scan;

/// <summary>
/// Many queries over all rows as a matrix product: some rows are transposed once into a panel, which stays in a cache while all queries pass
/// over it, some at a time in registers.
/// </summary>
internal abstract class PanelBatch
{
    /// <summary>Fewer queries than this are not worth a thread of their own.</summary>
    public const int QueriesWorthwhile = 12;

    /// <summary>The right one for a kernel; null where there is none.</summary>
    public static PanelBatch? Of<TKernel>() where TKernel : struct, IKernel =>
        typeof(TKernel) == typeof(Avx512Kernel) ? new PanelBatch<Avx512Panel>()
        : typeof(TKernel) == typeof(Avx2Kernel) ? new PanelBatch<Avx2Panel>()
        : null;

    /// <summary>How far a cosine may be from the one that is summed in the kernels' order.</summary>
    public static float Window(int length) => 2.5f * (length + 64) * MathF.ScaleB(1, -24);

    /// <summary>Offers every query's approximate cosines with all rows that pass.</summary>
    public abstract void Scan(VectorTable table, int rows, PaddedQuery[] queries, NearTop[] best, RowFilter filter);
}

/// <inheritdoc/>
internal sealed unsafe class PanelBatch<TPanel> : PanelBatch where TPanel : struct, IPanel
{
    public override void Scan(VectorTable table, int rows, PaddedQuery[] queries, NearTop[] best, RowFilter filter)
    {
        var (length, groups) = (table.RowFloats, (queries.Length + TPanel.Queries - 1) / TPanel.Queries);
        var packed = (float*)NativeMemory.AlignedAlloc((nuint)groups * (nuint)length * (nuint)TPanel.Queries * sizeof(float), 64);
        var panel = (float*)NativeMemory.AlignedAlloc((nuint)length * (nuint)TPanel.Rows * sizeof(float), 64);
        var cosines = (float*)NativeMemory.AlignedAlloc((nuint)(TPanel.Queries * TPanel.Rows) * sizeof(float), 64);
        // All that is asked for each query and panel lies close together.
        var floors = (float*)NativeMemory.AlignedAlloc((nuint)groups * (nuint)TPanel.Queries * sizeof(float), 64);
        try
        {
            Pack(queries, length, groups, packed);
            for (var i = 0; i < groups * TPanel.Queries; i++) floors[i] = i < queries.Length ? best[i].Floor : float.PositiveInfinity;
            for (var first = 0; first < rows; first += TPanel.Rows)
            {
                Transpose(table, first, rows, panel);
                for (var g = 0; g < groups; g++)
                {
                    TPanel.Multiply(panel, packed + (long)g * length * TPanel.Queries, length, cosines);
                    for (var i = 0; i < TPanel.Queries; i++)
                        if (TPanel.AtLeast(cosines + i * TPanel.Rows, floors[g * TPanel.Queries + i]) is var passed && passed != 0)
                            floors[g * TPanel.Queries + i] = Offer(passed, cosines + i * TPanel.Rows, first, rows, best[g * TPanel.Queries + i], filter);
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(packed);
            NativeMemory.AlignedFree(panel);
            NativeMemory.AlignedFree(cosines);
            NativeMemory.AlignedFree(floors);
        }
    }

    /// <summary>Offers the rows whose bits are set; returns the floor afterwards.</summary>
    private static float Offer(uint passed, float* cosines, int first, int rows, NearTop best, RowFilter filter)
    {
        for (; passed != 0; passed &= passed - 1)
        {
            var i = BitOperations.TrailingZeroCount(passed);
            if (first + i < rows && filter.Accepts(first + i)) best.Add(cosines[i], first + i);
        }
        return best.Floor;
    }

    /// <summary>Value d of query q to [Queries · d + q] of its group; queries beyond the last are zeros.</summary>
    private static void Pack(PaddedQuery[] queries, int length, int groups, float* packed)
    {
        for (var i = 0; i < groups * TPanel.Queries; i++)
            for (var d = 0; d < length; d++)
                packed[((long)(i / TPanel.Queries) * length + d) * TPanel.Queries + i % TPanel.Queries] = i < queries.Length ? queries[i].Floats[d] : 0;
    }

    /// <summary>Value d of row r to panel[Rows · d + r]; rows beyond the last are zeros.</summary>
    private static void Transpose(VectorTable table, int first, int rows, float* panel)
    {
        var length = table.RowFloats;
        for (var r = 0; r < TPanel.Rows; r += 4)
        {
            if (first + r + 4 > rows)
            {
                for (var i = r; i < r + 4; i++)
                    for (var d = 0; d < length; d++) panel[TPanel.Rows * d + i] = first + i < rows ? ((float*)table.Vectors.Row(first + i))[d] : 0;
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
                var to = panel + TPanel.Rows * d + r;
                Sse.MoveLowToHigh(lowAb, lowCe).Store(to);
                Sse.MoveHighToLow(lowCe, lowAb).Store(to + TPanel.Rows);
                Sse.MoveLowToHigh(highAb, highCe).Store(to + 2 * TPanel.Rows);
                Sse.MoveHighToLow(highCe, highAb).Store(to + 3 * TPanel.Rows);
            }
        }
    }
}
