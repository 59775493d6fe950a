using System.Runtime.InteropServices;
using MLNet.Devise.Search.Kernels;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search;

/// <summary>A query in aligned memory, padded as rows are.</summary>
internal sealed unsafe class PaddedQuery : IDisposable
{
    public PaddedQuery(ReadOnlySpan<float> query, int length)
    {
        Floats = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);
        var all = new Span<float>(Floats, length);
        query.CopyTo(all);
        all[query.Length..].Clear();
    }

    public float* Floats { get; }

    public float Dot(VectorTable table, int row, KernelKind kernel)
    {
        var vector = (float*)table.Vectors.Row(row);
        var length = table.RowFloats;
        return kernel switch
        {
            KernelKind.Avx512 => Avx512Kernel.Dot(Floats, vector, length),
            KernelKind.Avx2 => Avx2Kernel.Dot(Floats, vector, length),
            KernelKind.Vector128 => Vector128Kernel.Dot(Floats, vector, length),
            _ => ScalarKernel.Dot(Floats, vector, length),
        };
    }

    public void Dispose() => NativeMemory.AlignedFree(Floats);
}
