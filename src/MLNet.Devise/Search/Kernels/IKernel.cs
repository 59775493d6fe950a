using System.Runtime.Intrinsics;

namespace MLNet.Devise.Search.Kernels;

/// <summary>
/// Dot products of stored rows. All implementations give the same bits: integers are exact, and floats are summed in 32 lanes (value i
/// into lane i mod 32, fused multiply-add), lanes 16 apart first, then as a fixed tree.
/// </summary>
internal unsafe interface IKernel
{
    /// <summary>Of two rows of floats; length is a multiple of 16.</summary>
    static abstract float Dot(float* a, float* b, int length);

    /// <summary>Of a query with four rows.</summary>
    static abstract void Dot4(float* query, float* a, float* b, float* c, float* d, int length, float* result);

    /// <summary>Of a row's codes (value + 128) with a query's (±63, so that pairs of products fit into 16 bits); length is a multiple of 64.</summary>
    static abstract int Dot(sbyte* query, byte* code, int length);

    /// <summary>Of a query's codes with four rows'.</summary>
    static abstract Vector128<int> Dot4(sbyte* query, byte* a, byte* b, byte* c, byte* d, int length);

    /// <summary>Of two rows' codes, of both 128 taken off; their last <see cref="CodeRow.TrailerBytes"/> bytes, which are no codes, left out.</summary>
    static abstract int Pair(byte* a, byte* b, int length);
}
