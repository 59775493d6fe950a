using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Onnx;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// Finds the trunk of a network: convolutions without groups, batch normalisation after them, rectification, largest of a window, sums,
/// joined channels, up to global pooling. A network with anything else before its pooling has none.
/// </summary>
internal sealed class TrunkReader
{
    // Sides and channels of a map, windows, strides: beyond these nothing is as it seems.
    private const int Most = 1 << 14;
    private const long MostValues = 1 << 28;

    private readonly GraphProto _graph;
    private readonly ConstantTensors _constants;
    private readonly ILookup<string, NodeProto> _readers;
    private readonly HashSet<NodeProto> _taken = [];
    private readonly Dictionary<string, FeatureMap> _maps = new(StringComparer.Ordinal), _pooled = new(StringComparer.Ordinal);
    private readonly List<Layer> _layers = [];
    private readonly FeatureMap _image;
    private float[] _means = [0, 0, 0], _deviations = [1, 1, 1];
    private string _pixels = Columns.Pixels;

    private TrunkReader(GraphProto graph, int side)
    {
        (_graph, _constants, _image) = (graph, new(graph), new(3, side, side, tight: true));
        _readers = graph.Node.SelectMany(node => node.Input.Distinct().Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node, StringComparer.Ordinal);
    }

    /// <summary>Whether this processor has what the layers are written for.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Parts a network; null where it has no trunk.</summary>
    /// <param name="model">The network; it stays as it is.</param>
    /// <param name="side">Side of an image, pixels.</param>
    public static (Trunk Trunk, ModelProto Head)? TryRead(ModelProto model, int side)
    {
        if (!IsSupported) return null;
        var reader = new TrunkReader(model.Graph, side);
        foreach (var node in model.Graph.Node)
            if (node.Domain.Length == 0 && node.Output.Count == 1 && !reader._taken.Contains(node) && node.Input.Any(reader.IsKnown) && reader.Layer(node) is { } layer) reader._layers.Add(layer);
        return reader.IsWhole() ? (new(reader.Layers(), [.. reader._pooled.Values]), reader.Head(model)) : null;
    }

    private bool IsKnown(string name) => name == _pixels || _maps.ContainsKey(name);

    /// <summary>What is left reads only what was pooled, and something of the trunk is read.</summary>
    private bool IsWhole()
    {
        var rest = _graph.Node.Where(node => !_taken.Contains(node)).SelectMany(node => node.Input).Concat(_graph.Output.Select(output => output.Name)).ToHashSet(StringComparer.Ordinal);
        return _pooled.Keys.Any(rest.Contains) && !rest.Any(IsKnown) && !rest.Contains(Columns.Pixels) && _layers.Sum(layer => (long)layer.Output.Area * layer.Output.Pitch) < MostValues;
    }

    private IReadOnlyList<Layer> Layers() => [new PixelLayer(_image, _means, _deviations), .. _layers];

    /// <summary>The network without its trunk, and without the constants that only the trunk read.</summary>
    private ModelProto Head(ModelProto model)
    {
        var (head, nodes, read) = (model.Clone(), new Stack<NodeProto>(), _graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal));
        foreach (var node in _graph.Node.Where(node => !_taken.Contains(node)).Reverse())
        {
            if (node.Output.Any(_constants.Has) && !node.Output.Any(read.Contains)) continue;
            nodes.Push(node);
            read.UnionWith(node.Input);
        }
        head.Graph.Node.Clear();
        head.Graph.Node.AddRange(nodes);
        head.Graph.Initializer.Clear();
        head.Graph.Initializer.AddRange(_graph.Initializer.Where(tensor => read.Contains(tensor.Name)));
        head.Graph.Input.Clear();
        head.Graph.Input.AddRange(_pooled.Select(pair => GraphBuilder.Value(pair.Key, TensorProto.Types.DataType.Float, ["N", pair.Value.Channels, 1, 1])));
        return head;
    }

    /// <summary>The layer that a node is, with the nodes after it that it takes in; null where it is none of its own.</summary>
    private Layer? Layer(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Sub" when Scale(node) is { } means: Take(node, means, ref _means); break;
            case "Div" when Scale(node) is { } deviations && deviations.All(value => value != 0): Take(node, deviations, ref _deviations); break;
            case "Conv": return Convolution(node);
            case "MaxPool": return Pooling(node);
            case "Add" when node.Input is [var one, var other] && _maps.TryGetValue(one, out var a) && _maps.TryGetValue(other, out var b) && (a.Channels, a.Height, a.Width) == (b.Channels, b.Height, b.Width):
                var sum = new FeatureMap(a.Channels, a.Height, a.Width);
                return new Residual(a, b, sum, Rectified(Taken(node), sum));
            case "Concat" when Attribute(node, "axis", 0) == 1: Join(node); break;
            case "GlobalAveragePool" or "GlobalMaxPool" when _maps.TryGetValue(node.Input[0], out var map):
                _taken.Add(node);
                return new GlobalPooling(map, _pooled[node.Output[0]] = new(map.Channels, 1, 1), node.OpType == "GlobalMaxPool");
        }
        return null;
    }

    /// <summary>Three numbers that all pixels are changed by, where nothing else reads the pixels.</summary>
    private float[]? Scale(NodeProto node) =>
        node.Input is [var pixels, var constant] && pixels == _pixels && _readers[pixels].Count() == 1 && _constants.Find(constant, 4, out var shape) is { } values && shape is [1, 3, 1, 1]
            ? values
            : null;

    private void Take(NodeProto node, float[] values, ref float[] place)
    {
        (place, _pixels) = (values, Taken(node));
    }

    private Layer? Convolution(NodeProto node)
    {
        var input = node.Input[0] == _pixels ? _image : _maps.GetValueOrDefault(node.Input[0]);
        if (input is null || Weights(node, input) is not { } weights) return null;
        var output = Taken(node);
        if (Only(output) is { OpType: "BatchNormalization" } norm && Normalised(weights, norm) is { } folded) (weights, output) = (folded, Taken(norm));
        var map = weights.MapOf(input);
        weights = weights with { Rectified = Rectified(output, map) };
        return Vector512.IsHardwareAccelerated && Avx512F.IsSupported && weights.Outputs % Avx512Product.Columns == 0 ? Convolution<Avx512Product>(input, weights, map) : Convolution<Avx2Product>(input, weights, map);
    }

    private static Layer Convolution<TProduct>(FeatureMap input, ConvolutionWeights weights, FeatureMap output) where TProduct : struct, IBlockProduct =>
        WinogradConvolution<TProduct>.Suits(weights) ? new WinogradConvolution<TProduct>(input, weights, output) : new DirectConvolution<TProduct>(input, weights, output);

    private ConvolutionWeights? Weights(NodeProto node, FeatureMap input)
    {
        if (!IsPlain(node) || Window(node) is not var (stride, before, behind) || _constants.Find(node.Input[1], 4, out var shape) is not { } values) return null;
        float[]? bias = node.Input.Count < 3 ? new float[shape[0]] : _constants.Find(node.Input[2], 1, out _);
        if (bias?.Length != shape[0] || shape[1] != input.Channels || shape.Max() > Most) return null;
        // Padding is less than a window, and there is room for a window.
        var fits = Math.Max(before, behind) < Math.Min(shape[2], shape[3]) && Math.Max(shape[2], shape[3]) <= Math.Min(input.Height, input.Width) + before + behind;
        return fits ? new(values, bias, shape[1], shape[2], shape[3], stride, before, behind, false) : null;
    }

    private ConvolutionWeights? Normalised(ConvolutionWeights weights, NodeProto norm)
    {
        var parts = norm.Input.Skip(1).Select(name => _constants.Find(name, 1, out _)).ToArray();
        if (parts is not [{ } scale, { } shift, { } mean, { } variance] || parts.Any(part => part!.Length != weights.Outputs)) return null;
        var epsilon = norm.Attribute.FirstOrDefault(attribute => attribute.Name == "epsilon")?.F ?? 1e-5f;
        float[] factors = [.. scale.Zip(variance, (value, spread) => (float)(value / Math.Sqrt((double)spread + epsilon)))];
        return weights.Then(factors, [.. shift.Select((value, i) => value - mean[i] * factors[i])]);
    }

    private MaxPooling? Pooling(NodeProto node)
    {
        if (!_maps.TryGetValue(node.Input[0], out var input) || !IsPlain(node) || Window(node) is not var (stride, before, behind)) return null;
        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "kernel_shape")?.Ints is not [var side, var across] || side != across || side is < 1 or > Most || before >= side || behind >= side) return null;
        var up = Attribute(node, "ceil_mode", 0) == 1;
        var (height, width) = (Windows(input.Height), Windows(input.Width));
        if (height < 1 || width < 1) return null;
        var output = new FeatureMap(input.Channels, height, width);
        _maps[Taken(node)] = output;
        return new(input, output, (int)side, stride, before);

        int Windows(int size)
        {
            var room = size + before + behind - (int)side;
            if (room < 0) return 0;
            var count = (up ? room + stride - 1 : room) / stride + 1;
            // A window that would begin in the padding behind the map is left out.
            return up && (count - 1) * stride >= size + before ? count - 1 : count;
        }
    }

    private void Join(NodeProto node)
    {
        var parts = node.Input.Select(name => _maps.GetValueOrDefault(name)).ToArray();
        if (parts.Any(part => part is null)) return;
        var whole = new FeatureMap(parts.Sum(part => part!.Channels), parts[0]!.Height, parts[0]!.Width);
        var first = 0;
        foreach (var part in parts)
        {
            if (!part!.TryLieIn(whole, first)) return;
            first += part.Channels;
        }
        _maps[Taken(node)] = whole;
    }

    /// <summary>Takes in a rectification that alone reads a value; the map is then its result.</summary>
    private bool Rectified(string output, FeatureMap map)
    {
        var relu = Only(output) is { OpType: "Relu" } found ? found : null;
        _maps[relu is null ? output : Taken(relu)] = map;
        return relu is not null;
    }

    private string Taken(NodeProto node)
    {
        _taken.Add(node);
        return node.Output[0];
    }

    /// <summary>The node that alone reads a value which is no output of the graph.</summary>
    private NodeProto? Only(string value) => _readers[value].Take(2).ToArray() is [{ Domain.Length: 0 } node] && node.Input[0] == value && _graph.Output.All(output => output.Name != value) ? node : null;

    private static bool IsPlain(NodeProto node) =>
        Attribute(node, "group", 1) == 1 && node.Attribute.All(attribute => attribute.Name != "auto_pad")
        && node.Attribute.FirstOrDefault(attribute => attribute.Name == "dilations")?.Ints.All(step => step == 1) != false;

    /// <summary>Stride and padding, where they are the same down and across.</summary>
    private static (int Stride, int Before, int Behind)? Window(NodeProto node)
    {
        var strides = node.Attribute.FirstOrDefault(attribute => attribute.Name == "strides")?.Ints ?? [1, 1];
        var pads = node.Attribute.FirstOrDefault(attribute => attribute.Name == "pads")?.Ints ?? [0, 0, 0, 0];
        if (strides is not [var down, var across] || down != across || down is < 1 or > Most) return null;
        if (pads is not [var top, var left, var bottom, var right] || top != left || bottom != right || top is < 0 or > Most || bottom is < 0 or > Most) return null;
        return ((int)down, (int)top, (int)bottom);
    }

    private static long Attribute(NodeProto node, string name, long otherwise) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I ?? otherwise;
}
