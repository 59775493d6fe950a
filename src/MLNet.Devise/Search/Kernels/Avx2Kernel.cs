using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Search.Kernels;

/// <summary>AVX2 and FMA.</summary>
internal readonly unsafe struct Avx2Kernel : IKernel
{
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int length)
    {
        var (s0, s1, s2, s3, i) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, 0);
        for (; i + 32 <= length; i += 32)
        {
            s0 = Fma.MultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
            s1 = Fma.MultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
            s2 = Fma.MultiplyAdd(Vector256.Load(a + i + 16), Vector256.Load(b + i + 16), s2);
            s3 = Fma.MultiplyAdd(Vector256.Load(a + i + 24), Vector256.Load(b + i + 24), s3);
        }
        if (i < length)
        {
            s0 = Fma.MultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
            s1 = Fma.MultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
        }
        var half = Groups(s0 + s2) + Groups(s1 + s3);
        return (half.GetLower() + half.GetUpper()).ToScalar();
    }

    // Four rows at once would need more than the sixteen registers; the query comes from the first-level cache twice instead.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot4(float* query, float* a, float* b, float* c, float* d, int length, float* result)
    {
        Dot2(query, a, b, length, result);
        Dot2(query, c, d, length, result + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(sbyte* query, byte* code, int length)
    {
        var sum = Vector256<int>.Zero;
        for (var i = 0; i < length; i += 32) sum += Products(Vector256.Load(code + i), Vector256.Load(query + i));
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot4(sbyte* query, byte* a, byte* b, byte* c, byte* d, int length)
    {
        var (sa, sb, sc, sd) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
        for (var i = 0; i < length; i += 32)
        {
            var q = Vector256.Load(query + i);
            sa += Products(Vector256.Load(a + i), q);
            sb += Products(Vector256.Load(b + i), q);
            sc += Products(Vector256.Load(c + i), q);
            sd += Products(Vector256.Load(d + i), q);
        }
        var half = Avx2.HorizontalAdd(Avx2.HorizontalAdd(sa, sb), Avx2.HorizontalAdd(sc, sd));
        return half.GetLower() + half.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pair(byte* a, byte* b, int length)
    {
        var (sum, last) = (Vector256<int>.Zero, length - 32);
        for (var i = 0; i < last; i += 32) sum += Signed(Vector256.Load(a + i), Vector256.Load(b + i));
        var codes = Vector256.Create(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, 0).AsByte();
        sum += Signed(Vector256.ConditionalSelect(codes, Vector256.Load(a + last), Vector256.Create((byte)128)), Vector256.Load(b + last));
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot2(float* query, float* a, float* b, int length, float* result)
    {
        var (a0, a1, a2, a3) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var (b0, b1, b2, b3, i) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, 0);
        for (; i + 32 <= length; i += 32)
        {
            var q = Vector256.Load(query + i);
            a0 = Fma.MultiplyAdd(Vector256.Load(a + i), q, a0);
            b0 = Fma.MultiplyAdd(Vector256.Load(b + i), q, b0);
            q = Vector256.Load(query + i + 8);
            a1 = Fma.MultiplyAdd(Vector256.Load(a + i + 8), q, a1);
            b1 = Fma.MultiplyAdd(Vector256.Load(b + i + 8), q, b1);
            q = Vector256.Load(query + i + 16);
            a2 = Fma.MultiplyAdd(Vector256.Load(a + i + 16), q, a2);
            b2 = Fma.MultiplyAdd(Vector256.Load(b + i + 16), q, b2);
            q = Vector256.Load(query + i + 24);
            a3 = Fma.MultiplyAdd(Vector256.Load(a + i + 24), q, a3);
            b3 = Fma.MultiplyAdd(Vector256.Load(b + i + 24), q, b3);
        }
        if (i < length)
        {
            var q = Vector256.Load(query + i);
            a0 = Fma.MultiplyAdd(Vector256.Load(a + i), q, a0);
            b0 = Fma.MultiplyAdd(Vector256.Load(b + i), q, b0);
            q = Vector256.Load(query + i + 8);
            a1 = Fma.MultiplyAdd(Vector256.Load(a + i + 8), q, a1);
            b1 = Fma.MultiplyAdd(Vector256.Load(b + i + 8), q, b1);
        }
        var (x, y) = (Groups(a0 + a2) + Groups(a1 + a3), Groups(b0 + b2) + Groups(b1 + b3));
        result[0] = (x.GetLower() + x.GetUpper()).ToScalar();
        result[1] = (y.GetLower() + y.GetUpper()).ToScalar();
    }

    /// <summary>The sum of each group of four lanes, in all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Groups(Vector256<float> lanes)
    {
        lanes += Avx.Shuffle(lanes, lanes, 0x4E);
        return lanes + Avx.Shuffle(lanes, lanes, 0xB1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Vector256<byte> codes, Vector256<sbyte> query) =>
        Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(codes, query), Vector256<short>.One);

    // |x| · (y with x's sign) is x · y; with values within ±127 two such products fit into 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Signed(Vector256<byte> a, Vector256<byte> b)
    {
        var (x, y) = ((a ^ Vector256.Create((byte)128)).AsSByte(), (b ^ Vector256.Create((byte)128)).AsSByte());
        return Products(Avx2.Abs(x), Avx2.Sign(y, x));
    }
}
