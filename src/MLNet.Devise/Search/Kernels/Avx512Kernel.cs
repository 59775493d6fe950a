using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Search.Kernels;

/// <summary>AVX-512 F and BW.</summary>
internal readonly unsafe struct Avx512Kernel : IKernel
{
    public static bool IsSupported => Avx512BW.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int length)
    {
        var (low, high, i) = (Vector512<float>.Zero, Vector512<float>.Zero, 0);
        for (; i + 32 <= length; i += 32)
        {
            low = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), low);
            high = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 16), Vector512.Load(b + i + 16), high);
        }
        if (i < length) low = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), low);
        var sum = low + high;
        sum += Avx512F.Shuffle(sum, sum, 0x4E);
        sum += Avx512F.Shuffle(sum, sum, 0xB1);
        var half = sum.GetLower() + sum.GetUpper();
        return (half.GetLower() + half.GetUpper()).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot4(float* query, float* a, float* b, float* c, float* d, int length, float* result)
    {
        var (a0, b0, c0, d0) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (a1, b1, c1, d1, i) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, 0);
        for (; i + 32 <= length; i += 32)
        {
            var (q0, q1) = (Vector512.Load(query + i), Vector512.Load(query + i + 16));
            a0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), q0, a0);
            b0 = Vector512.FusedMultiplyAdd(Vector512.Load(b + i), q0, b0);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Load(c + i), q0, c0);
            d0 = Vector512.FusedMultiplyAdd(Vector512.Load(d + i), q0, d0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 16), q1, a1);
            b1 = Vector512.FusedMultiplyAdd(Vector512.Load(b + i + 16), q1, b1);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Load(c + i + 16), q1, c1);
            d1 = Vector512.FusedMultiplyAdd(Vector512.Load(d + i + 16), q1, d1);
        }
        if (i < length)
        {
            var q0 = Vector512.Load(query + i);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), q0, a0);
            b0 = Vector512.FusedMultiplyAdd(Vector512.Load(b + i), q0, b0);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Load(c + i), q0, c0);
            d0 = Vector512.FusedMultiplyAdd(Vector512.Load(d + i), q0, d0);
        }
        var (ra, rb, rc, rd) = (a0 + a1, b0 + b1, c0 + c1, d0 + d1);
        var ab = Avx512F.UnpackLow(ra, rb) + Avx512F.UnpackHigh(ra, rb);
        var cd = Avx512F.UnpackLow(rc, rd) + Avx512F.UnpackHigh(rc, rd);
        var groups = Avx512F.Shuffle(ab, cd, 0x44) + Avx512F.Shuffle(ab, cd, 0xEE);
        var half = groups.GetLower() + groups.GetUpper();
        (half.GetLower() + half.GetUpper()).Store(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(sbyte* query, byte* code, int length)
    {
        var sum = Vector512<int>.Zero;
        for (var i = 0; i < length; i += 64) sum += Products(Vector512.Load(code + i), Vector512.Load(query + i));
        return Vector512.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot4(sbyte* query, byte* a, byte* b, byte* c, byte* d, int length)
    {
        var q = Vector512.Load(query);
        var (sa, sb, sc, sd) = (Products(Vector512.Load(a), q), Products(Vector512.Load(b), q), Products(Vector512.Load(c), q), Products(Vector512.Load(d), q));
        for (var i = 64; i < length; i += 64)
        {
            q = Vector512.Load(query + i);
            sa += Products(Vector512.Load(a + i), q);
            sb += Products(Vector512.Load(b + i), q);
            sc += Products(Vector512.Load(c + i), q);
            sd += Products(Vector512.Load(d + i), q);
        }
        var ab = Avx512F.UnpackLow(sa, sb) + Avx512F.UnpackHigh(sa, sb);
        var cd = Avx512F.UnpackLow(sc, sd) + Avx512F.UnpackHigh(sc, sd);
        var groups = (Avx512F.UnpackLow(ab.AsInt64(), cd.AsInt64()).AsInt32() + Avx512F.UnpackHigh(ab.AsInt64(), cd.AsInt64()).AsInt32());
        var half = groups.GetLower() + groups.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pair(byte* a, byte* b, int length)
    {
        var (sum, last) = (Vector512<int>.Zero, length - 64);
        for (var i = 0; i < last; i += 64) sum += Signed(Vector512.Load(a + i), Vector512.Load(b + i));
        sum += Signed(Vector512.ConditionalSelect(Codes, Vector512.Load(a + last), Vector512.Create((byte)128)), Vector512.Load(b + last));
        return Vector512.Sum(sum);
    }

    private static Vector512<byte> Codes => Vector512.Create(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, 0).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Products(Vector512<byte> codes, Vector512<sbyte> query) =>
        Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(codes, query), Vector512<short>.One);

    // |x| · (y with x's sign) is x · y; with values within ±127 two such products fit into 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Signed(Vector512<byte> a, Vector512<byte> b)
    {
        var (x, y) = ((a ^ Vector512.Create((byte)128)).AsSByte(), (b ^ Vector512.Create((byte)128)).AsSByte());
        var negative = Vector512.LessThan(x, Vector512<sbyte>.Zero);
        return Products(Vector512.Abs(x).AsByte(), (y ^ negative) - negative);
    }
}
