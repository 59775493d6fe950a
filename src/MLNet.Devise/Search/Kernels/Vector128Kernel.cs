using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Search.Kernels;

/// <summary>128-bit vectors in .NET's portable form: NEON on ARM64.</summary>
internal readonly unsafe struct Vector128Kernel : IKernel
{
    public static bool IsSupported => System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported || System.Runtime.Intrinsics.X86.Fma.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int length)
    {
        var (s0, s1, s2, s3) = (Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero);
        var (s4, s5, s6, s7, i) = (Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero, 0);
        for (; i + 32 <= length; i += 32)
        {
            (s0, s1) = (Add(a, b, i, s0), Add(a, b, i + 4, s1));
            (s2, s3) = (Add(a, b, i + 8, s2), Add(a, b, i + 12, s3));
            (s4, s5) = (Add(a, b, i + 16, s4), Add(a, b, i + 20, s5));
            (s6, s7) = (Add(a, b, i + 24, s6), Add(a, b, i + 28, s7));
        }
        if (i < length)
        {
            (s0, s1) = (Add(a, b, i, s0), Add(a, b, i + 4, s1));
            (s2, s3) = (Add(a, b, i + 8, s2), Add(a, b, i + 12, s3));
        }
        return Group(s0 + s4) + Group(s2 + s6) + (Group(s1 + s5) + Group(s3 + s7));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot4(float* query, float* a, float* b, float* c, float* d, int length, float* result) =>
        (result[0], result[1], result[2], result[3]) = (Dot(query, a, length), Dot(query, b, length), Dot(query, c, length), Dot(query, d, length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(sbyte* query, byte* code, int length)
    {
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            var (q, x) = (Vector128.Load(query + i), Vector128.Load(code + i));
            sum += Widened(Vector128.WidenLower(q) * Vector128.WidenLower(x).AsInt16() + Vector128.WidenUpper(q) * Vector128.WidenUpper(x).AsInt16());
        }
        return Vector128.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot4(sbyte* query, byte* a, byte* b, byte* c, byte* d, int length) =>
        Vector128.Create(Dot(query, a, length), Dot(query, b, length), Dot(query, c, length), Dot(query, d, length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pair(byte* a, byte* b, int length)
    {
        var (sum, last) = (Vector128<int>.Zero, length - 16);
        for (var i = 0; i < last; i += 16) sum += Signed(Vector128.Load(a + i), Vector128.Load(b + i));
        var codes = Vector128.Create(uint.MaxValue, uint.MaxValue, uint.MaxValue, 0).AsByte();
        return Vector128.Sum(sum + Signed(Vector128.ConditionalSelect(codes, Vector128.Load(a + last), Vector128.Create((byte)128)), Vector128.Load(b + last)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add(float* a, float* b, int at, Vector128<float> sum) => Vector128.FusedMultiplyAdd(Vector128.Load(a + at), Vector128.Load(b + at), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Group(Vector128<float> lanes) => lanes[0] + lanes[2] + (lanes[1] + lanes[3]);

    // Codes are within ±63 and 0..255, or ±127 both: two products fit into 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widened(Vector128<short> pairs) => Vector128.WidenLower(pairs) + Vector128.WidenUpper(pairs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Signed(Vector128<byte> a, Vector128<byte> b)
    {
        var (x, y) = ((a ^ Vector128.Create((byte)128)).AsSByte(), (b ^ Vector128.Create((byte)128)).AsSByte());
        return Widened(Vector128.WidenLower(x) * Vector128.WidenLower(y) + Vector128.WidenUpper(x) * Vector128.WidenUpper(y));
    }
}
