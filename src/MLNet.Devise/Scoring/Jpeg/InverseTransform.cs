using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// Coefficients → samples: the inverse discrete cosine transform of Loeffler, Ligtenberg and Moschytz (1989) in whole numbers, with the
/// constants and roundings of libjpeg's accurate method, so that every sample is the one that libjpeg gives, short of overflow.
/// </summary>
/// <remarks>Two blocks at a time, row by row beside each other: row r of the first at 16 r, of the second at 16 r + 8.</remarks>
internal static unsafe class InverseTransform
{
    /// <summary>Values of a pair of blocks.</summary>
    public const int PairLength = 128;

    // Products with 2^13; a first pass leaves two more bits than it was given.
    private const int ConstantBits = 13, PassBits = 2;

    /// <summary>Of 16 columns and 8 rows.</summary>
    /// <param name="pair">Coefficients; other values afterwards.</param>
    /// <param name="quantization">What each is multiplied by, for both blocks.</param>
    /// <param name="target">The first block's first sample.</param>
    /// <param name="stride">Samples from row to row.</param>
    public static void Run(short* pair, short* quantization, byte* target, nint stride)
    {
        for (var row = 0; row < PairLength; row += 16) (Vector256.Load(pair + row) * Vector256.Load(quantization + row)).Store(pair + row);
        Pass(pair, ConstantBits - PassBits);
        Pass(pair, ConstantBits + PassBits + 3);
        for (var row = 0; row < 8; row += 2) Store(Vector256.Load(pair + 16 * row), Vector256.Load(pair + 16 * row + 16), target + row * stride, stride);
    }

    /// <summary>The same for two blocks that have nothing but their first coefficients.</summary>
    public static void RunFlat(short* pair, short* quantization, byte* target, nint stride)
    {
        var samples = Vector128.Create(Vector64.Create(Sample(pair[0], quantization[0])), Vector64.Create(Sample(pair[8], quantization[0])));
        for (var row = 0; row < 8; row++) samples.Store(target + row * stride);
    }

    private static byte Sample(int first, int quantization) => (byte)Math.Clamp(((short)(first * quantization) + 4 >> 3) + 128, 0, 255);

    /// <summary>One dimension, in each column, which becomes a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pass(short* rows, int shift)
    {
        Vector256<short> r0 = Vector256.Load(rows), r1 = Vector256.Load(rows + 16), r2 = Vector256.Load(rows + 32), r3 = Vector256.Load(rows + 48);
        Vector256<short> r4 = Vector256.Load(rows + 64), r5 = Vector256.Load(rows + 80), r6 = Vector256.Load(rows + 96), r7 = Vector256.Load(rows + 112);

        // The even part.
        Vector256<short> low26 = Avx2.UnpackLow(r2, r6), high26 = Avx2.UnpackHigh(r2, r6), sum04 = r0 + r4, difference04 = r0 - r4;
        Vector256<int> even3Low = Sum(low26, 10703, 4433), even3High = Sum(high26, 10703, 4433);
        Vector256<int> even2Low = Sum(low26, 4433, -10704), even2High = Sum(high26, 4433, -10704);
        Vector256<int> even0Low = Scaled(Avx2.UnpackLow(default, sum04)), even0High = Scaled(Avx2.UnpackHigh(default, sum04));
        Vector256<int> even1Low = Scaled(Avx2.UnpackLow(default, difference04)), even1High = Scaled(Avx2.UnpackHigh(default, difference04));
        Vector256<int> e0Low = even0Low + even3Low, e0High = even0High + even3High, e3Low = even0Low - even3Low, e3High = even0High - even3High;
        Vector256<int> e1Low = even1Low + even2Low, e1High = even1High + even2High, e2Low = even1Low - even2Low, e2High = even1High - even2High;

        // The odd part.
        Vector256<short> sum73 = r7 + r3, sum51 = r5 + r1, lowZ = Avx2.UnpackLow(sum73, sum51), highZ = Avx2.UnpackHigh(sum73, sum51);
        Vector256<int> z3Low = Sum(lowZ, 9633 - 16069, 9633), z3High = Sum(highZ, 9633 - 16069, 9633);
        Vector256<int> z4Low = Sum(lowZ, 9633, 9633 - 3196), z4High = Sum(highZ, 9633, 9633 - 3196);
        Vector256<short> low71 = Avx2.UnpackLow(r7, r1), high71 = Avx2.UnpackHigh(r7, r1), low53 = Avx2.UnpackLow(r5, r3), high53 = Avx2.UnpackHigh(r5, r3);
        Vector256<int> o0Low = Sum(low71, 2446 - 7373, -7373) + z3Low, o0High = Sum(high71, 2446 - 7373, -7373) + z3High;
        Vector256<int> o3Low = Sum(low71, -7373, 12299 - 7373) + z4Low, o3High = Sum(high71, -7373, 12299 - 7373) + z4High;
        Vector256<int> o1Low = Sum(low53, 16819 - 20995, -20995) + z4Low, o1High = Sum(high53, 16819 - 20995, -20995) + z4High;
        Vector256<int> o2Low = Sum(low53, -20995, 25172 - 20995) + z3Low, o2High = Sum(high53, -20995, 25172 - 20995) + z3High;

        r0 = Rounded(e0Low + o3Low, e0High + o3High, shift);
        r7 = Rounded(e0Low - o3Low, e0High - o3High, shift);
        r1 = Rounded(e1Low + o2Low, e1High + o2High, shift);
        r6 = Rounded(e1Low - o2Low, e1High - o2High, shift);
        r2 = Rounded(e2Low + o1Low, e2High + o1High, shift);
        r5 = Rounded(e2Low - o1Low, e2High - o1High, shift);
        r3 = Rounded(e3Low + o0Low, e3High + o0High, shift);
        r4 = Rounded(e3Low - o0Low, e3High - o0High, shift);

        // Rows to columns: neighbours, then pairs of them, then fours.
        Vector256<int> a0 = Avx2.UnpackLow(r0, r1).AsInt32(), a1 = Avx2.UnpackHigh(r0, r1).AsInt32(), a2 = Avx2.UnpackLow(r2, r3).AsInt32(), a3 = Avx2.UnpackHigh(r2, r3).AsInt32();
        Vector256<int> a4 = Avx2.UnpackLow(r4, r5).AsInt32(), a5 = Avx2.UnpackHigh(r4, r5).AsInt32(), a6 = Avx2.UnpackLow(r6, r7).AsInt32(), a7 = Avx2.UnpackHigh(r6, r7).AsInt32();
        Zip(Avx2.UnpackLow(a0, a2), Avx2.UnpackLow(a4, a6), rows);
        Zip(Avx2.UnpackHigh(a0, a2), Avx2.UnpackHigh(a4, a6), rows + 32);
        Zip(Avx2.UnpackLow(a1, a3), Avx2.UnpackLow(a5, a7), rows + 64);
        Zip(Avx2.UnpackHigh(a1, a3), Avx2.UnpackHigh(a5, a7), rows + 96);
    }

    /// <summary>a · x + b · y of neighbours x and y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(Vector256<short> pairs, short a, short b) =>
        Avx2.MultiplyAddAdjacent(pairs, Vector256.Create(b << 16 | a & 0xFFFF).AsInt16());

    /// <summary>Values, in the upper halves, times 2^13.</summary>
    private static Vector256<int> Scaled(Vector256<short> values) => Vector256.ShiftRightArithmetic(values.AsInt32(), 16 - ConstantBits);

    private static void Zip(Vector256<int> left, Vector256<int> right, short* rows)
    {
        Avx2.UnpackLow(left.AsInt64(), right.AsInt64()).AsInt16().Store(rows);
        Avx2.UnpackHigh(left.AsInt64(), right.AsInt64()).AsInt16().Store(rows + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Rounded(Vector256<int> low, Vector256<int> high, int shift)
    {
        var half = Vector256.Create(1 << shift - 1);
        return Avx2.PackSignedSaturate(Vector256.ShiftRightArithmetic(low + half, shift), Vector256.ShiftRightArithmetic(high + half, shift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> row, Vector256<short> next, byte* target, nint stride)
    {
        var bytes = Avx2.PackSignedSaturate(row, next).AsByte() + Vector256.Create((byte)128);
        var sorted = Avx2.Permute4x64(bytes.AsInt64(), 0b11_01_10_00).AsByte();
        sorted.GetLower().Store(target);
        sorted.GetUpper().Store(target + stride);
    }
}
