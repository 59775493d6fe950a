using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>One pair of blocks.</summary>
internal readonly unsafe struct Avx2BlockLanes : IBlockLanes<Vector256<short>, Vector256<int>>
{
    public static int Pairs => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Scaled(short* pair, short* quantization) => Vector256.Load(pair) * Vector256.Load(quantization);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<short> row, byte* target) =>
        (Sse2.PackSignedSaturate(row.GetLower(), row.GetUpper()).AsByte() + Vector128.Create((byte)128)).Store(target);

    public static Vector256<short> Sum(Vector256<short> a, Vector256<short> b) => a + b;

    public static Vector256<short> Difference(Vector256<short> a, Vector256<short> b) => a - b;

    public static Vector256<int> Sum(Vector256<int> a, Vector256<int> b) => a + b;

    public static Vector256<int> Difference(Vector256<int> a, Vector256<int> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products(Vector256<short> pairs, short a, short b) => Avx2.MultiplyAddAdjacent(pairs, Vector256.Create(b << 16 | a & 0xFFFF).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Upper(Vector256<short> pairs, int shift) => Vector256.ShiftRightArithmetic(pairs.AsInt32(), shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Rounded(Vector256<int> low, Vector256<int> high, int shift)
    {
        var half = Vector256.Create(1 << shift - 1);
        return Avx2.PackSignedSaturate(Vector256.ShiftRightArithmetic(low + half, shift), Vector256.ShiftRightArithmetic(high + half, shift));
    }

    public static Vector256<short> Low16(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a, b);

    public static Vector256<short> High16(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a, b);

    public static Vector256<short> Low32(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16();

    public static Vector256<short> High32(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16();

    public static Vector256<short> Low64(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16();

    public static Vector256<short> High64(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16();
}
