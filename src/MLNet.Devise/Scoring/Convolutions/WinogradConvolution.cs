using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// A 3 × 3 convolution of stride 1 with a quarter of the multiplications: tiles are transformed, each of 36 places is a product of
/// matrices (tiles × channels in, times channels in × channels out), and the products are transformed back.
/// </summary>
internal sealed unsafe class WinogradConvolution<TProduct> : Layer where TProduct : struct, IBlockProduct
{
    // Channels out at a time: their products stay in the second cache until they are transformed back.
    private const int Together = 64;
    // Tiles at a time. Weights that no near cache holds are read once for all of them, so there they are more.
    private const int FewTiles = 24, ManyTiles = 66, CachedBytes = 1 << 20;
    // Weights grow fourfold; beyond this, reading them would take longer than what they save.
    private const long MostBytes = 16 << 20;

    private readonly FeatureMap _input;
    private readonly PackedWeights[] _weights;
    private readonly AlignedValues _bias, _zeros;
    private readonly float _floor;
    private readonly int _down, _across, _before, _tilesTogether;

    public WinogradConvolution(FeatureMap input, ConvolutionWeights weights, FeatureMap output) : base([input], output)
    {
        (_input, _bias, _floor, _before) = (input, weights.PaddedBias(), weights.Floor, weights.Before);
        _zeros = new(TProduct.Columns);
        _weights = Transform(weights);
        (_down, _across) = ((output.Height + WinogradTransform.Tile - 1) / WinogradTransform.Tile, (output.Width + WinogradTransform.Tile - 1) / WinogradTransform.Tile);
        _tilesTogether = WeightBytes <= CachedBytes ? FewTiles : ManyTiles;
    }

    private int Height => _down * WinogradTransform.Tile + 2;

    private int Width => _across * WinogradTransform.Tile + 2;

    private int Channels => _input.Channels;

    private int CopyLength => Height * Width * Channels;

    /// <summary>Whether a convolution can be, and is worth being, computed so.</summary>
    public static bool Suits(ConvolutionWeights weights) =>
        weights is { Height: 3, Width: 3, Stride: 1 } && weights.Inputs % 8 == 0
        && (long)WinogradTransform.Places * weights.Inputs * FeatureMap.RoundUp(weights.Outputs, TProduct.Columns) * sizeof(float) <= MostBytes;

    public override long WeightBytes => _weights.Sum(place => place.Bytes);

    public override long Scratch(int images)
    {
        // What fewer images take together may be more tiles than what all of them do, never more than this.
        var tiles = (int)Math.Min((long)images * _down * _across, _tilesTogether);
        return (long)images * CopyLength + (long)WinogradTransform.Places * (PlaceLength(tiles, Channels) + PlaceLength(tiles, Together));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(Workspace memory, int images)
    {
        float* source = memory[_input], result = memory[Output], copies = memory.Scratch;
        for (var image = 0; image < images; image++)
            Padding.Copy(source + (nint)image * _input.Area * _input.Pitch, _input, copies + (nint)image * CopyLength, Height, Width, _before);
        var (tiles, all) = (TilesOf(images), images * _down * _across);
        var (inputStep, productStep) = (PlaceLength(tiles, Channels), PlaceLength(tiles, Together));
        var transformed = copies + (nint)images * CopyLength;
        var products = transformed + WinogradTransform.Places * inputStep;
        for (var first = 0; first < all; first += tiles)
        {
            var count = Math.Min(tiles, all - first);
            for (var i = 0; i < count; i++) TransformInput(copies, first + i, transformed + (nint)i * Channels, inputStep);
            for (var column = 0; column < _bias.Length; column += Together)
            {
                var columns = Math.Min(Together, _bias.Length - column);
                for (var place = 0; place < WinogradTransform.Places; place++)
                    Multiply(transformed + place * inputStep, count, _weights[place], column, columns, products + place * productStep);
                for (var i = 0; i < count; i++) TransformBack(products + (nint)i * Together, productStep, column, columns, result, first + i);
            }
        }
    }

    /// <summary>Of each place, a matrix of channels in × channels out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static PackedWeights[] Transform(ConvolutionWeights weights)
    {
        var places = new PackedWeights[WinogradTransform.Places];
        for (var place = 0; place < places.Length; place++) places[place] = new(weights.Inputs, weights.Outputs, TProduct.Columns);
        Span<float> values = stackalloc float[WinogradTransform.Places];
        for (var output = 0; output < weights.Outputs; output++)
            for (var input = 0; input < weights.Inputs; input++)
            {
                WinogradTransform.Weights(weights.Window(output, input), values);
                var index = places[0].IndexOf(input, output);
                for (var place = 0; place < places.Length; place++) places[place].Values[index] = values[place];
            }
        return places;
    }

    /// <summary>Tiles at a time, so that the last are not fewer than they need be.</summary>
    private int TilesOf(int images)
    {
        var all = images * _down * _across;
        var parts = (all + _tilesTogether - 1) / _tilesTogether;
        return (all + parts - 1) / parts;
    }

    // A cache line more than there is: at a power of two, all places would lie in the same few sets of the cache.
    private static nint PlaceLength(int tiles, int channels) => (nint)tiles * channels + 16;

    private void TransformInput(float* copies, int tile, float* target, nint step)
    {
        var (image, y, x) = Place(tile);
        var row = (nint)Width * Channels;
        WinogradTransform.Input(copies + (nint)image * CopyLength + y * row + (nint)x * Channels, row, Channels, target, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* tiles, int count, PackedWeights weights, int column, int columns, float* products)
    {
        var rows = stackalloc float*[BlockProduct.Rows];
        var shape = new BlockShape(1, Channels, 0, Together, float.NegativeInfinity);
        for (var at = 0; at < columns; at += TProduct.Columns)
            for (var tile = 0; tile < count; tile += BlockProduct.Rows)
            {
                var some = Math.Min(BlockProduct.Rows, count - tile);
                for (var i = 0; i < some; i++) rows[i] = tiles + (nint)(tile + i) * Channels;
                BlockProduct.Multiply<TProduct>(rows, some, weights[(column + at) / TProduct.Columns], _zeros.Start, products + (nint)tile * Together + at, shape);
            }
    }

    private void TransformBack(float* products, nint step, int column, int columns, float* result, int tile)
    {
        var (image, y, x) = Place(tile);
        var pitch = (nint)Output.Pitch;
        WinogradTransform.Output(products, step, columns, _bias.Start + column, _floor,
            result + ((nint)image * Output.Area + y * Output.Width + x) * pitch + column, Output.Width * pitch, pitch,
            Math.Min(WinogradTransform.Tile, Output.Height - y), Math.Min(WinogradTransform.Tile, Output.Width - x));
    }

    /// <summary>A tile's image, and its first result's row and column.</summary>
    private (int Image, int Y, int X) Place(int tile)
    {
        var (image, within) = Math.DivRem(tile, _down * _across);
        return (image, within / _across * WinogradTransform.Tile, within % _across * WinogradTransform.Tile);
    }
}
