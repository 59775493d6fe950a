namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// What a trunk may take of memory. A file may declare anything; what is larger than networks of images are, or than the file justifies,
/// is left to ONNX Runtime to accept or refuse.
/// </summary>
/// <param name="fileBytes">Size of the network's file.</param>
internal sealed class TrunkBudget(long fileBytes)
{
    /// <summary>Sides and channels of a map, windows, strides, at most; products of two fit into 32 bits.</summary>
    public const int Most = 1 << 14;

    /// <summary>Values of all maps together, of the images computed together.</summary>
    public const long MostValues = 1 << 27;

    private const int MostLayers = 4096;

    // Weights of 3 × 3 windows grow fourfold, those of halves twice that; few outputs are rounded up to a block.
    private long _weights = (64 << 20) + 8 * fileBytes;
    private long _values = MostValues;
    private int _layers = MostLayers;

    /// <summary>Takes an image's values of a map that is new; false where it is not to be had.</summary>
    public bool TryTake(FeatureMap map) =>
        map is { Channels: >= 1 and <= Most, Height: >= 1 and <= Most, Width: >= 1 and <= Most } && --_layers >= 0 && TryTake((long)map.Height * map.Width * FeatureMap.RoundUp(map.Channels, FeatureMap.Block));

    /// <summary>Takes what a convolution has of its own: packed weights, and an image with padding.</summary>
    public bool TryTake(ConvolutionWeights weights, FeatureMap input, bool winograd)
    {
        var padding = weights.Before + weights.Behind;
        var rows = winograd ? WinogradTransform.Places * (long)weights.Inputs : (long)weights.Height * weights.Width * weights.Inputs;
        // No block of columns is wider.
        _weights -= rows * FeatureMap.RoundUp(weights.Outputs, Avx512Product.Width) * sizeof(float);
        return rows <= int.MaxValue / Avx512Product.Width && _weights >= 0 && TryTake((long)(input.Height + padding) * (input.Width + padding) * input.Channels);
    }

    private bool TryTake(long values) => (_values -= values) >= 0;
}
