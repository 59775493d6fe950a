using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>A convolution as a matrix product: windows times weights. A row of a window lies in memory as it is, so no window is copied.</summary>
internal sealed unsafe class DirectConvolution<TProduct> : Layer where TProduct : struct, IBlockProduct
{
    // Blocks of weights that are used together stay in the processor's first cache.
    private const int CachedBytes = 24 << 10;

    private readonly FeatureMap _input;
    private readonly PackedWeights _weights;
    private readonly AlignedValues _bias;
    private readonly float _floor;
    private readonly int[] _windows;
    private readonly int _height, _width, _before, _rows, _columns;

    public DirectConvolution(FeatureMap input, ConvolutionWeights weights, FeatureMap output) : base([input], output)
    {
        (_input, _bias, _floor, _before, _rows, _columns) = (input, weights.PaddedBias(), weights.Floor, weights.Before, weights.Height, weights.Width);
        (_height, _width) = (input.Height + weights.Before + weights.Behind, input.Width + weights.Before + weights.Behind);
        _weights = Pack(weights);
        _windows = new int[output.Area];
        for (var i = 0; i < _windows.Length; i++) _windows[i] = (i / output.Width * _width + i % output.Width) * weights.Stride;
    }

    /// <summary>A window's row is one run of values only where pixels lie close together.</summary>
    private bool Copies => _height != _input.Height || _columns > 1 && _input.Pitch != _input.Channels;

    private int CopyLength => _height * _width * _input.Channels;

    public override long WeightBytes => _weights.Bytes;

    public override long Scratch(int images) => Copies ? (long)images * CopyLength : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static PackedWeights Pack(ConvolutionWeights weights)
    {
        var packed = new PackedWeights(weights.Height * weights.Width * weights.Inputs, weights.Outputs, TProduct.Columns);
        for (var output = 0; output < weights.Outputs; output++)
            for (var y = 0; y < weights.Height; y++)
                for (var x = 0; x < weights.Width; x++)
                    for (var input = 0; input < weights.Inputs; input++) packed.Values[packed.IndexOf((y * weights.Width + x) * weights.Inputs + input, output)] = weights.At(output, input, y, x);
        return packed;
    }

    public override void Run(Workspace memory, int images)
    {
        var source = memory[_input];
        var (stride, pitch) = ((nint)_input.Area * _input.Pitch, _input.Pitch);
        if (Copies)
        {
            for (var image = 0; image < images; image++) Padding.Copy(source + image * stride, _input, memory.Scratch + (nint)image * CopyLength, _height, _width, _before);
            source = memory.Scratch;
            (stride, pitch) = (CopyLength, _input.Channels);
        }
        var result = memory[Output];
        var shape = new BlockShape(_rows, _columns * _input.Channels, _width * pitch, Output.Pitch, _floor);
        var together = Math.Max(1, CachedBytes / (_weights.BlockLength * sizeof(float)));
        for (var block = 0; block < _weights.Blocks; block += together)
            for (var image = 0; image < images; image++)
                Multiply(source + image * stride, pitch, result + (nint)image * Output.Area * Output.Pitch, block, Math.Min(_weights.Blocks, block + together), shape);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* source, int pitch, float* result, int first, int end, in BlockShape shape)
    {
        var rows = stackalloc float*[BlockProduct.Rows];
        for (var window = 0; window < _windows.Length; window += BlockProduct.Rows)
        {
            var count = Math.Min(BlockProduct.Rows, _windows.Length - window);
            for (var i = 0; i < count; i++) rows[i] = source + (nint)_windows[window + i] * pitch;
            for (var block = first; block < end; block++)
            {
                var column = block * TProduct.Columns;
                BlockProduct.Multiply<TProduct>(rows, count, _weights[block], _bias.Start + column, result + window * shape.Pitch + column, shape);
            }
        }
    }
}
