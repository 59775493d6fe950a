using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>Two pairs of blocks.</summary>
internal readonly unsafe struct Avx512BlockLanes : IBlockLanes<Vector512<short>, Vector512<int>>
{
    public static int Pairs => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Scaled(short* pair, short* quantization)
    {
        var both = Vector256.Load(quantization);
        return Vector512.Create(Vector256.Load(pair), Vector256.Load(pair + InverseTransform.PairLength)) * Vector512.Create(both, both);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<short> row, byte* target) => (Avx512BW.ConvertToVector256SByteWithSaturation(row).AsByte() + Vector256.Create((byte)128)).Store(target);

    public static Vector512<short> Sum(Vector512<short> a, Vector512<short> b) => a + b;

    public static Vector512<short> Difference(Vector512<short> a, Vector512<short> b) => a - b;

    public static Vector512<int> Sum(Vector512<int> a, Vector512<int> b) => a + b;

    public static Vector512<int> Difference(Vector512<int> a, Vector512<int> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Products(Vector512<short> pairs, short a, short b) => Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create(b << 16 | a & 0xFFFF).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Upper(Vector512<short> pairs, int shift) => Vector512.ShiftRightArithmetic(pairs.AsInt32(), shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Rounded(Vector512<int> low, Vector512<int> high, int shift)
    {
        var half = Vector512.Create(1 << shift - 1);
        return Avx512BW.PackSignedSaturate(Vector512.ShiftRightArithmetic(low + half, shift), Vector512.ShiftRightArithmetic(high + half, shift));
    }

    public static Vector512<short> Low16(Vector512<short> a, Vector512<short> b) => Avx512BW.UnpackLow(a, b);

    public static Vector512<short> High16(Vector512<short> a, Vector512<short> b) => Avx512BW.UnpackHigh(a, b);

    public static Vector512<short> Low32(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16();

    public static Vector512<short> High32(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16();

    public static Vector512<short> Low64(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16();

    public static Vector512<short> High64(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16();
}
