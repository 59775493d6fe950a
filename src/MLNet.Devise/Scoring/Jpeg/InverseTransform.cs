using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// Coefficients → samples: the inverse discrete cosine transform of Loeffler, Ligtenberg and Moschytz (1989) in whole numbers, with the
/// constants and roundings of libjpeg's accurate method, so that every sample is the one that libjpeg gives, short of overflow.
/// </summary>
/// <remarks>Blocks come in pairs, row by row beside each other: row r of the first at 16 r, of the second at 16 r + 8.</remarks>
internal static unsafe class InverseTransform
{
    /// <summary>Values of a pair of blocks.</summary>
    public const int PairLength = 128;

    // Products with 2^13; a first pass leaves two more bits than it was given.
    private const int ConstantBits = 13, PassBits = 2, SampleBits = 3;

    /// <summary>Pairs that <see cref="Run(short*, short*, byte*, nint)"/> takes at a time.</summary>
    public static readonly int Pairs = Avx512BW.IsSupported ? Avx512BlockLanes.Pairs : Avx2BlockLanes.Pairs;

    /// <summary>Of <see cref="Pairs"/> pairs, one after the other.</summary>
    /// <param name="pairs">Coefficients.</param>
    /// <param name="quantization">What each is multiplied by, for both blocks of a pair.</param>
    /// <param name="target">The first block's first sample; the other blocks' are beside it.</param>
    /// <param name="stride">Samples from row to row.</param>
    public static void Run(short* pairs, short* quantization, byte* target, nint stride)
    {
        if (Avx512BW.IsSupported) Run<Avx512BlockLanes, Vector512<short>, Vector512<int>>(pairs, quantization, target, stride);
        else Run<Avx2BlockLanes, Vector256<short>, Vector256<int>>(pairs, quantization, target, stride);
    }

    /// <summary>The same for one pair that has nothing but first coefficients.</summary>
    public static void RunFlat(short* pair, short* quantization, byte* target, nint stride)
    {
        var samples = Vector128.Create(Vector64.Create(Sample(pair[0], quantization[0])), Vector64.Create(Sample(pair[8], quantization[0])));
        for (var row = 0; row < 8; row++) samples.Store(target + row * stride);
    }

    /// <summary>The same with the lanes of choice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TLanes, TShorts, TInts>(short* pairs, short* quantization, byte* target, nint stride)
        where TLanes : IBlockLanes<TShorts, TInts> where TShorts : struct where TInts : struct
    {
        TShorts r0 = TLanes.Scaled(pairs, quantization), r1 = TLanes.Scaled(pairs + 16, quantization + 16);
        TShorts r2 = TLanes.Scaled(pairs + 32, quantization + 32), r3 = TLanes.Scaled(pairs + 48, quantization + 48);
        TShorts r4 = TLanes.Scaled(pairs + 64, quantization + 64), r5 = TLanes.Scaled(pairs + 80, quantization + 80);
        TShorts r6 = TLanes.Scaled(pairs + 96, quantization + 96), r7 = TLanes.Scaled(pairs + 112, quantization + 112);

        // One dimension in each column, which becomes a row; then again, which makes rows of rows.
        for (var pass = 0; pass < 2; pass++)
        {
            var shift = pass == 0 ? ConstantBits - PassBits : ConstantBits + PassBits + SampleBits;

            // The even part.
            TShorts low26 = TLanes.Low16(r2, r6), high26 = TLanes.High16(r2, r6), sum04 = TLanes.Sum(r0, r4), difference04 = TLanes.Difference(r0, r4);
            TInts even3Low = TLanes.Products(low26, 10703, 4433), even3High = TLanes.Products(high26, 10703, 4433);
            TInts even2Low = TLanes.Products(low26, 4433, -10704), even2High = TLanes.Products(high26, 4433, -10704);
            TInts even0Low = TLanes.Upper(TLanes.Low16(default, sum04), 16 - ConstantBits), even0High = TLanes.Upper(TLanes.High16(default, sum04), 16 - ConstantBits);
            TInts even1Low = TLanes.Upper(TLanes.Low16(default, difference04), 16 - ConstantBits), even1High = TLanes.Upper(TLanes.High16(default, difference04), 16 - ConstantBits);
            TInts e0Low = TLanes.Sum(even0Low, even3Low), e0High = TLanes.Sum(even0High, even3High), e3Low = TLanes.Difference(even0Low, even3Low), e3High = TLanes.Difference(even0High, even3High);
            TInts e1Low = TLanes.Sum(even1Low, even2Low), e1High = TLanes.Sum(even1High, even2High), e2Low = TLanes.Difference(even1Low, even2Low), e2High = TLanes.Difference(even1High, even2High);

            // The odd part.
            TShorts sum73 = TLanes.Sum(r7, r3), sum51 = TLanes.Sum(r5, r1), lowZ = TLanes.Low16(sum73, sum51), highZ = TLanes.High16(sum73, sum51);
            TInts z3Low = TLanes.Products(lowZ, 9633 - 16069, 9633), z3High = TLanes.Products(highZ, 9633 - 16069, 9633);
            TInts z4Low = TLanes.Products(lowZ, 9633, 9633 - 3196), z4High = TLanes.Products(highZ, 9633, 9633 - 3196);
            TShorts low71 = TLanes.Low16(r7, r1), high71 = TLanes.High16(r7, r1), low53 = TLanes.Low16(r5, r3), high53 = TLanes.High16(r5, r3);
            TInts o0Low = TLanes.Sum(TLanes.Products(low71, 2446 - 7373, -7373), z3Low), o0High = TLanes.Sum(TLanes.Products(high71, 2446 - 7373, -7373), z3High);
            TInts o3Low = TLanes.Sum(TLanes.Products(low71, -7373, 12299 - 7373), z4Low), o3High = TLanes.Sum(TLanes.Products(high71, -7373, 12299 - 7373), z4High);
            TInts o1Low = TLanes.Sum(TLanes.Products(low53, 16819 - 20995, -20995), z4Low), o1High = TLanes.Sum(TLanes.Products(high53, 16819 - 20995, -20995), z4High);
            TInts o2Low = TLanes.Sum(TLanes.Products(low53, -20995, 25172 - 20995), z3Low), o2High = TLanes.Sum(TLanes.Products(high53, -20995, 25172 - 20995), z3High);

            r0 = TLanes.Rounded(TLanes.Sum(e0Low, o3Low), TLanes.Sum(e0High, o3High), shift);
            r7 = TLanes.Rounded(TLanes.Difference(e0Low, o3Low), TLanes.Difference(e0High, o3High), shift);
            r1 = TLanes.Rounded(TLanes.Sum(e1Low, o2Low), TLanes.Sum(e1High, o2High), shift);
            r6 = TLanes.Rounded(TLanes.Difference(e1Low, o2Low), TLanes.Difference(e1High, o2High), shift);
            r2 = TLanes.Rounded(TLanes.Sum(e2Low, o1Low), TLanes.Sum(e2High, o1High), shift);
            r5 = TLanes.Rounded(TLanes.Difference(e2Low, o1Low), TLanes.Difference(e2High, o1High), shift);
            r3 = TLanes.Rounded(TLanes.Sum(e3Low, o0Low), TLanes.Sum(e3High, o0High), shift);
            r4 = TLanes.Rounded(TLanes.Difference(e3Low, o0Low), TLanes.Difference(e3High, o0High), shift);

            // Rows to columns: neighbours, then pairs of them, then fours.
            TShorts a0 = TLanes.Low16(r0, r1), a1 = TLanes.High16(r0, r1), a2 = TLanes.Low16(r2, r3), a3 = TLanes.High16(r2, r3);
            TShorts a4 = TLanes.Low16(r4, r5), a5 = TLanes.High16(r4, r5), a6 = TLanes.Low16(r6, r7), a7 = TLanes.High16(r6, r7);
            TShorts b0 = TLanes.Low32(a0, a2), b1 = TLanes.High32(a0, a2), b2 = TLanes.Low32(a1, a3), b3 = TLanes.High32(a1, a3);
            TShorts b4 = TLanes.Low32(a4, a6), b5 = TLanes.High32(a4, a6), b6 = TLanes.Low32(a5, a7), b7 = TLanes.High32(a5, a7);
            (r0, r1) = (TLanes.Low64(b0, b4), TLanes.High64(b0, b4));
            (r2, r3) = (TLanes.Low64(b1, b5), TLanes.High64(b1, b5));
            (r4, r5) = (TLanes.Low64(b2, b6), TLanes.High64(b2, b6));
            (r6, r7) = (TLanes.Low64(b3, b7), TLanes.High64(b3, b7));
        }
        TLanes.Store(r0, target);
        TLanes.Store(r1, target + stride);
        TLanes.Store(r2, target + 2 * stride);
        TLanes.Store(r3, target + 3 * stride);
        TLanes.Store(r4, target + 4 * stride);
        TLanes.Store(r5, target + 5 * stride);
        TLanes.Store(r6, target + 6 * stride);
        TLanes.Store(r7, target + 7 * stride);
    }

    private static byte Sample(int first, int quantization) => (byte)Math.Clamp(((short)(first * quantization) + 4 >> 3) + 128, 0, 255);
}
