namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>A convolution as ONNX has it, without groups or dilation.</summary>
/// <param name="Values">outputs × inputs × window height × window width.</param>
/// <param name="Bias">One an output.</param>
/// <param name="Inputs">Channels in.</param>
/// <param name="Height">Of the window.</param>
/// <param name="Width">Of the window.</param>
/// <param name="Stride">Pixels from one window to the next, down and across.</param>
/// <param name="Before">Rows and columns of zeros above and to the left.</param>
/// <param name="Behind">Rows and columns of zeros below and to the right.</param>
/// <param name="Rectified">Whether negative results become 0.</param>
internal sealed record ConvolutionWeights(float[] Values, float[] Bias, int Inputs, int Height, int Width, int Stride, int Before, int Behind, bool Rectified)
{
    /// <summary>Channels out.</summary>
    public int Outputs => Bias.Length;

    /// <summary>The least that a result can be.</summary>
    public float Floor => Rectified ? 0 : float.NegativeInfinity;

    /// <summary>The weight of an input's channel at a place of the window.</summary>
    public float At(int output, int input, int y, int x) => Values[((output * Inputs + input) * Height + y) * Width + x];

    /// <summary>The weights between two channels, row by row.</summary>
    public ReadOnlySpan<float> Window(int output, int input) => Values.AsSpan((output * Inputs + input) * Height * Width, Height * Width);

    /// <summary>Biases with zeros up to whole blocks.</summary>
    public AlignedValues PaddedBias()
    {
        var padded = new AlignedValues(FeatureMap.RoundUp(Outputs, FeatureMap.Block));
        Bias.CopyTo(padded.Span);
        return padded;
    }

    /// <summary>Followed by a batch normalisation of known statistics: scale × (x − mean) + shift.</summary>
    public ConvolutionWeights Then(ReadOnlySpan<float> scale, ReadOnlySpan<float> shift)
    {
        var (values, bias, each) = ((float[])Values.Clone(), (float[])Bias.Clone(), Values.Length / Outputs);
        for (var output = 0; output < Outputs; output++)
        {
            foreach (ref var value in values.AsSpan(output * each, each)) value *= scale[output];
            bias[output] = bias[output] * scale[output] + shift[output];
        }
        return this with { Values = values, Bias = bias };
    }

    /// <summary>The map it makes of another.</summary>
    public FeatureMap MapOf(FeatureMap input) => new(Outputs, Windows(input.Height, Height), Windows(input.Width, Width));

    private int Windows(int size, int window) => (size + Before + Behind - window) / Stride + 1;
}
