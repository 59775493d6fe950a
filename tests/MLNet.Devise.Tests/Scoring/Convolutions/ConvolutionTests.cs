using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Scoring.Convolutions;

namespace MLNet.Devise.Tests.Scoring.Convolutions;

public sealed class ConvolutionTests
{
    public ConvolutionTests() => Assert.SkipUnless(TrunkReader.IsSupported, "no AVX2 on this processor");

    [Fact]
    public void A_direct_convolution_is_the_sum_that_defines_it()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 60; trial++)
        {
            var (window, across, stride) = (random.Next(1, 6), random.Next(1, 6), random.Next(1, 4));
            var (before, behind) = (random.Next(Math.Min(window, across)), random.Next(Math.Min(window, across)));
            var weights = PlainConvolution.Weights(random, random.Next(1, 40), random.Next(1, 70), window, across, stride, before, behind, trial % 2 == 0);
            var map = Map(random, weights.Inputs, window, across, joined: false);
            AssertSame(random, weights, map, new DirectConvolution<Avx2Product>(map, weights, weights.MapOf(map)), 1e-5);
        }
    }

    [Fact]
    public void A_direct_convolution_reads_some_channels_of_a_joined_map()
    {
        var random = new Random(2);
        foreach (var window in (int[])[1, 3])
        {
            var weights = PlainConvolution.Weights(random, 16, 32, window, window, 1, 0, 0, false);
            var map = Map(random, 16, window, window, joined: true);
            AssertSame(random, weights, map, new DirectConvolution<Avx2Product>(map, weights, weights.MapOf(map)), 1e-5);
        }
    }

    [Fact]
    public void Winograds_convolution_is_the_sum_that_defines_it()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 40; trial++)
        {
            var weights = PlainConvolution.Weights(random, 8 * random.Next(1, 9), random.Next(1, 150), 3, 3, 1, random.Next(3), random.Next(3), trial % 2 == 0);
            var map = Map(random, weights.Inputs, 3, 3, joined: weights.Inputs % FeatureMap.Block == 0 && trial % 3 == 0);
            Assert.True(WinogradConvolution<Avx2Product>.Suits(weights));
            AssertSame(random, weights, map, new WinogradConvolution<Avx2Product>(map, weights, weights.MapOf(map)), 1e-4);
        }
    }

    [Theory]
    [InlineData(16, 64, 15), InlineData(16, 64, 55), InlineData(64, 256, 13), InlineData(128, 128, 13)]
    public void Fewer_images_than_there_is_memory_for_stay_within_it(int inputs, int outputs, int side)
    {
        var random = new Random(6);
        var weights = PlainConvolution.Weights(random, inputs, outputs, 3, 3, 1, 1, 1, false);
        var map = new FeatureMap(inputs, side, side);
        var layer = new WinogradConvolution<Avx2Product>(map, weights, weights.MapOf(map));
        for (var images = 1; images < 9; images++)
        {
            PlainConvolution.Run(layer, [.. Enumerable.Range(0, images).Select(_ => PlainConvolution.Values(random, map.Area * inputs))]);
            Assert.True(layer.Scratch(images) <= layer.Scratch(images + 1));
        }
    }

    [Fact]
    public void What_is_not_a_number_stays_so()
    {
        var random = new Random(7);
        foreach (var window in (int[])[1, 3])
        {
            var weights = PlainConvolution.Weights(random, 16, 16, window, window, 1, 0, 0, rectified: true);
            var map = new FeatureMap(16, 9, 9);
            var image = PlainConvolution.Values(random, map.Area * 16);
            image[40 * 16 + 3] = float.NaN;
            foreach (var layer in (Layer[])[new DirectConvolution<Avx2Product>(map, weights, weights.MapOf(map)), window == 1 ? new Residual(map, map, new(16, 9, 9), true) : new WinogradConvolution<Avx2Product>(map, weights, weights.MapOf(map))])
                Assert.Contains(PlainConvolution.Run(layer, image)[0], float.IsNaN);
        }
    }

    [Fact]
    public void Both_are_the_same_with_AVX512()
    {
        Assert.SkipUnless(Avx512F.IsSupported, "no AVX-512 on this processor");
        var random = new Random(4);
        for (var trial = 0; trial < 20; trial++)
        {
            var weights = PlainConvolution.Weights(random, 8 * random.Next(1, 9), 32 * random.Next(1, 5), 3, 3, 1, 1, 1, trial % 2 == 0);
            var map = Map(random, weights.Inputs, 3, 3, joined: false);
            AssertSame(random, weights, map, new DirectConvolution<Avx512Product>(map, weights, weights.MapOf(map)), 1e-5);
            AssertSame(random, weights, map, new WinogradConvolution<Avx512Product>(map, weights, weights.MapOf(map)), 1e-4);
        }
    }

    [Theory]
    [InlineData(5, 3, 1, 8), InlineData(3, 3, 2, 8), InlineData(3, 3, 1, 6), InlineData(3, 3, 1, 8192)]
    public void Winograd_is_for_windows_of_3_by_3_and_weights_that_a_cache_holds(int height, int width, int stride, int inputs) =>
        Assert.False(WinogradConvolution<Avx2Product>.Suits(new(new float[1], new float[64], inputs, height, width, stride, 1, 1, false)));

    [Fact]
    public void Pooling_takes_the_largest_of_each_window()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 30; trial++)
        {
            var (window, stride) = (random.Next(1, 5), random.Next(1, 4));
            var before = random.Next(window);
            var map = Map(random, random.Next(8, 40), window, window, joined: false);
            var output = new FeatureMap(map.Channels, (map.Height + before - 1) / stride + 1, (map.Width + before - 1) / stride + 1);
            float[][] images = [PlainConvolution.Values(random, map.Area * map.Channels), PlainConvolution.Values(random, map.Area * map.Channels)];
            var pooled = PlainConvolution.Run(new MaxPooling(map, output, window, stride, before), images);
            for (var image = 0; image < 2; image++)
                for (var i = 0; i < pooled[image].Length; i++)
                {
                    var (pixel, channel) = Math.DivRem(i, map.Channels);
                    var (top, left) = (pixel / output.Width * stride - before, pixel % output.Width * stride - before);
                    var largest = float.NegativeInfinity;
                    for (var y = Math.Max(top, 0); y < Math.Min(top + window, map.Height); y++)
                        for (var x = Math.Max(left, 0); x < Math.Min(left + window, map.Width); x++) largest = Math.Max(largest, images[image][(y * map.Width + x) * map.Channels + channel]);
                    Assert.Equal(largest, pooled[image][i]);
                }
        }
    }

    private static FeatureMap Map(Random random, int channels, int height, int width, bool joined)
    {
        var map = new FeatureMap(channels, height + random.Next(14), width + random.Next(14));
        if (joined) Assert.True(map.TryLieIn(new(3 * channels, map.Height, map.Width), channels));
        return map;
    }

    private static void AssertSame(Random random, ConvolutionWeights weights, FeatureMap map, Layer layer, double tolerance)
    {
        float[][] images = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => PlainConvolution.Values(random, map.Area * map.Channels))];
        var actual = PlainConvolution.Run(layer, images);
        for (var image = 0; image < images.Length; image++)
        {
            var expected = PlainConvolution.Of(weights, images[image], map.Height, map.Width);
            Assert.Equal(expected.Length, actual[image].Length);
            var scale = Math.Sqrt(weights.Inputs * weights.Height * weights.Width);
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[image][i], tolerance * scale);
        }
    }
}
