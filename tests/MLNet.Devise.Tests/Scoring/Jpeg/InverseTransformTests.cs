using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Scoring.Jpeg;

namespace MLNet.Devise.Tests.Scoring.Jpeg;

/// <summary>The fast inverse transform beside the cosine sum it stands for, in either width of registers.</summary>
public sealed unsafe class InverseTransformTests
{
    private const int Most = 2 * InverseTransform.PairLength;

    [Fact]
    public void Narrow_lanes_come_near_the_sum_of_cosines()
    {
        Assert.SkipUnless(Avx2.IsSupported, "no AVX2 on this processor");
        Near(&InverseTransform.Run<Avx2BlockLanes, Vector256<short>, Vector256<int>>, Avx2BlockLanes.Pairs);
    }

    [Fact]
    public void Wide_lanes_come_near_the_sum_of_cosines()
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "no AVX-512 on this processor");
        Near(&InverseTransform.Run<Avx512BlockLanes, Vector512<short>, Vector512<int>>, Avx512BlockLanes.Pairs);
    }

    [Fact]
    public void Both_widths_give_the_same_samples()
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "no AVX-512 on this processor");
        byte* wide = stackalloc byte[Most], narrow = stackalloc byte[Most];
        var random = new Random(2);
        for (var run = 0; run < 2000; run++)
        {
            // Without bounds: damaged files have anything.
            var (coefficients, quantization) = (Numbers(random, Most, short.MaxValue), Numbers(random, InverseTransform.PairLength, run % 255 + 1));
            fixed (short* from = coefficients, by = quantization)
            {
                InverseTransform.Run<Avx512BlockLanes, Vector512<short>, Vector512<int>>(from, by, wide, 32);
                for (var pair = 0; pair < 2; pair++) InverseTransform.Run<Avx2BlockLanes, Vector256<short>, Vector256<int>>(from + pair * InverseTransform.PairLength, by, narrow + 16 * pair, 32);
            }
            Assert.True(new ReadOnlySpan<byte>(wide, Most).SequenceEqual(new(narrow, Most)));
        }
    }

    [Fact]
    public void A_flat_pair_is_one_whose_other_coefficients_are_zero()
    {
        Assert.SkipUnless(Avx2.IsSupported, "no AVX2 on this processor");
        byte* flat = stackalloc byte[128], whole = stackalloc byte[128];
        var quantization = Numbers(new(4), InverseTransform.PairLength, 60);
        for (var first = -1024; first < 1024; first += 3)
        {
            var pair = new short[InverseTransform.PairLength];
            (pair[0], pair[8], quantization[8]) = ((short)first, (short)-first, quantization[0]);
            fixed (short* from = pair, by = quantization)
            {
                InverseTransform.RunFlat(from, by, flat, 16);
                InverseTransform.Run<Avx2BlockLanes, Vector256<short>, Vector256<int>>(from, by, whole, 16);
            }
            Assert.True(new ReadOnlySpan<byte>(flat, 128).SequenceEqual(new(whole, 128)), $"first coefficients of ±{first}");
        }
    }

    private static void Near(delegate*<short*, short*, byte*, nint, void> transform, int pairs)
    {
        var (random, width, worst) = (new Random(1), 16 * pairs, 0.0);
        var samples = stackalloc byte[8 * width];
        for (var run = 0; run < 300; run++)
        {
            var (coefficients, quantization) = (Numbers(random, pairs * InverseTransform.PairLength, 1 + run % 40), Numbers(random, InverseTransform.PairLength, 5));
            for (var i = 0; i < 8; i++) quantization.AsSpan(16 * i, 8).CopyTo(quantization.AsSpan(16 * i + 8));
            fixed (short* from = coefficients, by = quantization) transform(from, by, samples, width);
            for (var block = 0; block < 2 * pairs; block++)
                for (var y = 0; y < 8; y++)
                    for (var x = 0; x < 8; x++)
                        worst = Math.Max(worst, Math.Abs(Math.Clamp(Sum(block, x, y), 0, 255) - samples[y * width + 8 * block + x]));

            double Sum(int block, int x, int y)
            {
                var sum = 128.0;
                for (var v = 0; v < 8; v++)
                    for (var u = 0; u < 8; u++)
                        sum += Scale(u) * Scale(v) / 4 * coefficients[block / 2 * InverseTransform.PairLength + 16 * v + 8 * (block % 2) + u] * quantization[16 * v + u]
                            * Math.Cos((2 * x + 1) * u * Math.PI / 16) * Math.Cos((2 * y + 1) * v * Math.PI / 16);
                return sum;
            }
        }
        // Rounding, and what whole numbers leave of two passes.
        Assert.InRange(worst, .4, .6);
    }

    private static double Scale(int frequency) => frequency == 0 ? Math.Sqrt(.5) : 1;

    private static short[] Numbers(Random random, int count, int most) => [.. Enumerable.Range(0, count).Select(_ => (short)random.Next(-most, most + 1))];
}
