using MLNet.Devise.Training.Export.Quantization;

namespace MLNet.Devise.Training.Tests.Export.Quantization;

public sealed class LayerCodesTests
{
    private const float InputScale = 0.02f;

    [Theory]
    [InlineData(1), InlineData(2)]
    public void Codes_are_those_of_plain_loops(int groups)
    {
        var (layer, means) = (Layer(groups), Means(4 * groups));
        var codes = LayerCodes.Of(layer, InputScale, means);
        for (var o = 0; o < layer.Outputs; o++)
        {
            double largest = 0, added = 0;
            for (var c = 0; c < layer.Inputs; c++)
                for (var k = 0; k < 9; k++) largest = Math.Max(largest, Math.Abs(layer.Weights[(o * layer.Inputs + c) * 9 + k]));
            Assert.Equal(largest / 127, codes.Scales[o], 1e-8);
            for (var c = 0; c < layer.Inputs; c++)
            {
                for (var k = 0; k < 9; k++)
                {
                    var (weight, code) = (layer.Weights[(o * layer.Inputs + c) * 9 + k], codes.Weights[(o * layer.Inputs + c) * 9 + k]);
                    Assert.InRange(Math.Abs(code * codes.Scales[o] - weight), 0, codes.Scales[o] * 0.5001);
                    added += (code * (double)codes.Scales[o] - weight) * means[o / (layer.Outputs / groups) * layer.Inputs + c];
                }
            }
            Assert.Equal(InputScale * codes.Scales[o], codes.BiasScales[o]);
            Assert.Equal(Math.Round((layer.Bias[o] - added) / codes.BiasScales[o]), codes.Bias[o], 1.0);
        }
    }

    [Fact]
    public void The_corrected_bias_gives_the_right_mean_output()
    {
        var (layer, means) = (Layer(1), Means(4));
        double Off(LayerCodes codes)
        {
            var worst = 0.0;
            for (var o = 0; o < layer.Outputs; o++)
            {
                var (exact, rounded) = ((double)layer.Bias[o], codes.Bias[o] * (double)codes.BiasScales[o]);
                for (var i = 0; i < 36; i++)
                {
                    exact += layer.Weights[o * 36 + i] * means[i / 9];
                    rounded += codes.Weights[o * 36 + i] * (double)codes.Scales[o] * means[i / 9];
                }
                worst = Math.Max(worst, Math.Abs(exact - rounded));
            }
            return worst;
        }
        Assert.InRange(Off(LayerCodes.Of(layer, InputScale, means)), 0, 1e-4);
        Assert.True(Off(LayerCodes.Of(layer, InputScale)) > 1e-3);
    }

    [Fact]
    public void Channels_of_nothing_and_of_a_bias_alone_do_not_overflow()
    {
        var codes = LayerCodes.Of(new([0, 0, 1e-30f], 3, 1, [0, 5, -3]), InputScale);
        Assert.Equal(0, codes.Bias[0]);
        Assert.Equal(5, codes.Bias[1] * (double)codes.BiasScales[1], 1e-5);
        Assert.Equal(-3, codes.Bias[2] * (double)codes.BiasScales[2], 1e-5);
        Assert.All(codes.Scales, scale => Assert.True(float.IsNormal(scale)));
    }

    private static LayerWeights Layer(int groups)
    {
        var random = new Random(6);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        return new(Values(6 * 4 * 9), 6, 4, Values(6), groups);
    }

    private static double[] Means(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() * 3)];
    }
}
