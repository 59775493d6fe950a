using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Kernels;

/// <summary>Cosines of one query at a time with stored rows, as floats or as codes.</summary>
internal unsafe interface IMetric
{
    /// <summary>Takes a query: floats padded as rows are.</summary>
    void SetQuery(float* query);

    /// <summary>The query's cosine with a row.</summary>
    float Similarity(int row);

    /// <summary>The query's cosines with some rows.</summary>
    void Similarities(int* rows, int count, float* result);

    /// <summary>The cosine of two rows.</summary>
    float Pair(int a, int b);

    /// <summary>How far a cosine from here may be from the true one, for rows whose stored form lost so much.</summary>
    float Error(float lost);

    /// <summary>Asks memory for a row that will be needed.</summary>
    void Prefetch(int row);

    /// <summary>Frees the query's memory.</summary>
    void Free();
}

/// <summary>Cosines from floats.</summary>
internal unsafe struct FloatMetric<TKernel>(VectorTable table) : IMetric where TKernel : struct, IKernel
{
    private readonly RowPointers _rows = table.Vectors.Pointers;
    private readonly int _length = table.RowFloats;
    private readonly float* _query = (float*)NativeMemory.AlignedAlloc((nuint)table.Vectors.Stride, 64);

    public readonly void SetQuery(float* query) => Buffer.MemoryCopy(query, _query, _rows.Stride, _rows.Stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Similarity(int row) => TKernel.Dot(_query, (float*)_rows.Row(row), _length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Similarities(int* rows, int count, float* result)
    {
        var i = 0;
        for (; i + 4 <= count; i += 4)
            TKernel.Dot4(_query, (float*)_rows.Row(rows[i]), (float*)_rows.Row(rows[i + 1]), (float*)_rows.Row(rows[i + 2]), (float*)_rows.Row(rows[i + 3]), _length, result + i);
        for (; i < count; i++) result[i] = Similarity(rows[i]);
    }

    public readonly float Pair(int a, int b) => TKernel.Dot((float*)_rows.Row(a), (float*)_rows.Row(b), _length);

    public readonly float Error(float lost) => 0;

    // The first lines are enough: the processor sees a stream in them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(int row)
    {
        if (!Sse.IsSupported) return;
        var start = _rows.Row(row);
        for (var line = 0; line < 4 * 64; line += 64) Sse.Prefetch0(start + line);
    }

    public readonly void Free() => NativeMemory.AlignedFree(_query);
}

/// <summary>Cosines from codes.</summary>
internal unsafe struct CodeMetric<TKernel>(VectorTable table) : IMetric where TKernel : struct, IKernel
{
    private readonly RowPointers _rows = table.Codes!.Pointers;
    private readonly int _dimension = table.Dimension;
    private readonly sbyte* _query = (sbyte*)NativeMemory.AlignedAlloc((nuint)table.Codes!.Stride, 64);
    private QueryCode _code;

    public void SetQuery(float* query) => _code = CodeRow.EncodeQuery(query, _dimension, _query, _rows.Stride);

    public readonly float Error(float lost) => _code.Lost * (1 + lost) + lost + 1e-5f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Similarity(int row)
    {
        var codes = _rows.Row(row);
        return (TKernel.Dot(_query, codes, _rows.Stride) - _code.Offset) * (CodeRow.Scale(codes, _rows.Stride) * _code.Scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Similarities(int* rows, int count, float* result)
    {
        var i = 0;
        for (; i + 4 <= count; i += 4) Similarities(_rows.Row(rows[i]), _rows.Row(rows[i + 1]), _rows.Row(rows[i + 2]), _rows.Row(rows[i + 3]), result + i);
        for (; i < count; i++) result[i] = Similarity(rows[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Similarities(byte* a, byte* b, byte* c, byte* d, float* result)
    {
        var stride = _rows.Stride;
        var sums = TKernel.Dot4(_query, a, b, c, d, stride) - Vector128.Create(_code.Offset);
        var scales = Vector128.Create(CodeRow.Scale(a, stride), CodeRow.Scale(b, stride), CodeRow.Scale(c, stride), CodeRow.Scale(d, stride)) * _code.Scale;
        (Vector128.ConvertToSingle(sums) * scales).Store(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Pair(int a, int b)
    {
        var x = _rows.Row(a);
        var y = _rows.Row(b);
        return TKernel.Pair(x, y, _rows.Stride) * (CodeRow.Scale(x, _rows.Stride) * CodeRow.Scale(y, _rows.Stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(int row)
    {
        if (!Sse.IsSupported) return;
        var start = _rows.Row(row);
        for (var line = 0; line < _rows.Stride; line += 64) Sse.Prefetch0(start + line);
    }

    public readonly void Free() => NativeMemory.AlignedFree(_query);
}
