namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>The weights of a convolution or linear layer.</summary>
/// <param name="Weights">outputs × inputs × window.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Inputs">Input channels of one group.</param>
/// <param name="Bias">A value an output channel.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
internal sealed record LayerWeights(float[] Weights, int Outputs, int Inputs, float[] Bias, int Groups = 1);

/// <summary>
/// A layer's weights in signed bytes, symmetric, a scale for each output channel, and its bias in 32-bit integers of scale input · weight,
/// as integer convolutions add it up.
/// </summary>
/// <param name="Weights">−127..127, as <see cref="LayerWeights.Weights"/>.</param>
/// <param name="Scales">An output channel's step.</param>
/// <param name="Bias">In steps of <paramref name="BiasScales"/>.</param>
/// <param name="BiasScales">Input's scale times <paramref name="Scales"/>.</param>
internal sealed record LayerCodes(sbyte[] Weights, float[] Scales, int[] Bias, float[] BiasScales)
{
    /// <summary>A bias may use so many steps; the sums of products, below 2^30 for any layer here, are added to it.</summary>
    private const double MostBiasSteps = 1 << 30;

    /// <param name="layer">The weights.</param>
    /// <param name="inputScale">Step of the bytes that the layer reads.</param>
    /// <param name="inputMeans">
    /// Mean of each input channel. Given, the mean of what rounding the weights adds to an output channel is taken off its bias (Nagel et
    /// al. 2019, arXiv:1906.04721, §4.2); null leaves the bias as it is.
    /// </param>
    public static LayerCodes Of(LayerWeights layer, float inputScale, double[]? inputMeans = null)
    {
        var (weights, scales, bias, biasScales) = (new sbyte[layer.Weights.Length], new float[layer.Outputs], new int[layer.Outputs], new float[layer.Outputs]);
        var each = layer.Weights.Length / layer.Outputs;
        var window = each / layer.Inputs;
        for (var output = 0; output < layer.Outputs; output++)
        {
            var channel = layer.Weights.AsSpan(output * each, each);
            var largest = 0f;
            foreach (var weight in channel) largest = Math.Max(largest, Math.Abs(weight));
            // A channel of tiny weights must not make its bias overflow.
            var scale = scales[output] = (float)Math.Max(Math.Max(largest / 127.0, Math.Abs(layer.Bias[output]) / (inputScale * MostBiasSteps)), 1e-20);
            var added = 0.0;
            var first = output / (layer.Outputs / layer.Groups) * layer.Inputs;
            for (var i = 0; i < each; i++)
            {
                var code = weights[output * each + i] = (sbyte)Math.Clamp(MathF.Round(channel[i] / scale), -127, 127);
                if (inputMeans is not null) added += ((double)code * scale - channel[i]) * inputMeans[first + i / window];
            }
            biasScales[output] = inputScale * scale;
            bias[output] = (int)Math.Clamp(Math.Round((layer.Bias[output] - added) / biasScales[output]), int.MinValue, int.MaxValue);
        }
        return new(weights, scales, bias, biasScales);
    }
}
