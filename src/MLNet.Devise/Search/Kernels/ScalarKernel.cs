using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Search.Kernels;

/// <summary>Runs anywhere, and says what the others must give.</summary>
internal readonly unsafe struct ScalarKernel : IKernel
{
    [SkipLocalsInit]
    public static float Dot(float* a, float* b, int length)
    {
        var lanes = stackalloc float[32];
        for (var i = 0; i < 32; i++) lanes[i] = 0;
        for (var i = 0; i < length; i++) lanes[i & 31] = MathF.FusedMultiplyAdd(a[i], b[i], lanes[i & 31]);
        for (var i = 0; i < 16; i++) lanes[i] += lanes[i + 16];
        return LaneSum(lanes);
    }

    public static void Dot4(float* query, float* a, float* b, float* c, float* d, int length, float* result) =>
        (result[0], result[1], result[2], result[3]) = (Dot(query, a, length), Dot(query, b, length), Dot(query, c, length), Dot(query, d, length));

    public static int Dot(sbyte* query, byte* code, int length)
    {
        var sum = 0;
        for (var i = 0; i < length; i++) sum += query[i] * code[i];
        return sum;
    }

    public static Vector128<int> Dot4(sbyte* query, byte* a, byte* b, byte* c, byte* d, int length) =>
        Vector128.Create(Dot(query, a, length), Dot(query, b, length), Dot(query, c, length), Dot(query, d, length));

    public static int Pair(byte* a, byte* b, int length)
    {
        var sum = 0;
        for (var i = 0; i < length - CodeRow.TrailerBytes; i++) sum += (a[i] - 128) * (b[i] - 128);
        return sum;
    }

    /// <summary>The tree that all kernels sum 16 lanes by: within each group of four, then groups 8 apart, then 4 apart.</summary>
    private static float LaneSum(float* lanes)
    {
        var groups = stackalloc float[4];
        for (var g = 0; g < 4; g++) groups[g] = lanes[4 * g] + lanes[4 * g + 2] + (lanes[4 * g + 1] + lanes[4 * g + 3]);
        return groups[0] + groups[2] + (groups[1] + groups[3]);
    }
}
