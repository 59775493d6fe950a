using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// Finds the trunk of a network: convolutions without groups, batch normalisation after them, rectification, largest of a window, sums,
/// joined channels, up to global pooling. A network with anything else before its pooling has none, nor has one that asks for more than
/// its <see cref="TrunkBudget"/>: layers are made only when the whole is known to be in bounds.
/// </summary>
internal sealed class TrunkReader
{
    private readonly GraphProto _graph;
    private readonly ConstantTensors _constants;
    private readonly TrunkBudget _budget;
    private readonly ILookup<string, NodeProto> _readers;
    // By reference: two nodes that read alike are two.
    private readonly HashSet<NodeProto> _taken = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, FeatureMap> _maps = new(StringComparer.Ordinal), _pooled = new(StringComparer.Ordinal);
    private readonly List<Func<Layer>> _layers = [];
    private readonly HashSet<string> _outputs;
    private readonly FeatureMap _image;
    private float[]? _means, _deviations;
    private string _pixels = Columns.Pixels;

    private TrunkReader(ModelProto model, int side)
    {
        (_graph, _constants, _budget, _image) = (model.Graph, new(model.Graph), new(model.CalculateSize()), new(3, side, side, tight: true));
        _outputs = _graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        _readers = _graph.Node.SelectMany(node => node.Input.Distinct().Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node, StringComparer.Ordinal);
    }

    /// <summary>Whether this processor has what the layers are written for.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Parts a network; null where it has no trunk.</summary>
    /// <param name="model">The network; it stays as it is.</param>
    /// <param name="side">Side of an image, pixels.</param>
    public static (Trunk Trunk, ModelProto Head)? TryRead(ModelProto model, int side)
    {
        if (!IsSupported || !model.IsFlat() || model.Graph.HasNamesakes(Columns.Pixels)) return null;
        var reader = new TrunkReader(model, side);
        if (!reader.TakesImages(side)) return null;
        foreach (var node in model.Graph.Node)
        {
            if (reader._taken.Contains(node) || !node.Input.Any(reader.IsKnown)) continue;
            if (node.Domain.Length == 0 && node.Output.Count == 1 && reader.Plan(node) is { } layer) reader._layers.Add(layer);
            // What reads a map and is no part of the trunk leaves none: no need to look at the rest.
            else if (!reader._taken.Contains(node)) return null;
        }
        return reader.IsWhole() ? (new(reader.Layers(), [.. reader._pooled.Values], side), reader.Head(model)) : null;
    }

    /// <summary>Whether the graph declares images of this side; a size may be left open.</summary>
    private bool TakesImages(int side) =>
        _graph.Input.FirstOrDefault(input => input.Name == Columns.Pixels)?.Type?.TensorType is { ElemType: (int)DataType.Float, Shape.Dim: [_, var channels, var height, var width] }
        && channels.DimValue is 0 or 3 && (height.DimValue == 0 || height.DimValue == side) && (width.DimValue == 0 || width.DimValue == side) && _budget.TryTake(_image);

    private bool IsKnown(string name) => name == _pixels || _maps.ContainsKey(name);

    /// <summary>What is left reads only what was pooled, and something of the trunk is read.</summary>
    private bool IsWhole()
    {
        var rest = _graph.Node.Where(node => !_taken.Contains(node)).SelectMany(node => node.Input).Concat(_outputs).ToHashSet(StringComparer.Ordinal);
        return _pooled.Keys.Any(rest.Contains) && !_outputs.Any(_pooled.ContainsKey) && !rest.Any(IsKnown) && !rest.Contains(Columns.Pixels);
    }

    private IReadOnlyList<Layer> Layers() => [new PixelLayer(_image, _means ?? [0, 0, 0], _deviations ?? [1, 1, 1]), .. _layers.Select(make => make())];

    /// <summary>The network without its trunk, and without the constants that only the trunk read.</summary>
    private ModelProto Head(ModelProto model)
    {
        var left = _graph.Node.Where(node => !_taken.Contains(node)).ToArray();
        var read = left.Where(node => !node.Output.Any(_constants.Has)).SelectMany(node => node.Input).Concat(_outputs).ToHashSet(StringComparer.Ordinal);
        // A cast first, then what it casts, wherever they stand.
        for (var pass = 0; pass < 2; pass++) read.UnionWith(left.Where(node => node.Output.Any(read.Contains)).SelectMany(node => node.Input).ToArray());
        var head = model.Clone();
        head.Graph.Node.Clear();
        head.Graph.Node.AddRange(left.Where(node => !node.Output.Any(_constants.Has) || node.Output.Any(read.Contains)));
        head.Graph.Initializer.Clear();
        head.Graph.Initializer.AddRange(_graph.Initializer.Where(tensor => read.Contains(tensor.Name)));
        head.Graph.Input.Clear();
        head.Graph.Input.AddRange(_pooled.Select(pair => GraphBuilder.Value(pair.Key, DataType.Float, ["N", pair.Value.Channels, 1, 1])));
        return head;
    }

    /// <summary>The layer that a node is to become, with the nodes after it that it takes in; null where it becomes none of its own.</summary>
    private Func<Layer>? Plan(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Sub" when _means is null && _deviations is null: _means = Scale(node); break;
            case "Div" when _deviations is null: _deviations = Scale(node); break;
            case "Conv" when node.Input.Count is 2 or 3: return Convolution(node);
            case "MaxPool": return Pooling(node);
            case "Add" when node.Input is [var one, var other] && _maps.TryGetValue(one, out var a) && _maps.TryGetValue(other, out var b) && (a.Channels, a.Height, a.Width) == (b.Channels, b.Height, b.Width):
                var sum = new FeatureMap(a.Channels, a.Height, a.Width);
                if (!_budget.TryTake(sum)) return null;
                var rectified = Rectified(node, sum);
                return () => new Residual(a, b, sum, rectified);
            case "Concat" when node.Integer("axis", 0) == 1: Join(node); break;
            case "GlobalAveragePool" or "GlobalMaxPool" when _maps.TryGetValue(node.Input[0], out var map):
                var pooled = new FeatureMap(map.Channels, 1, 1);
                if (!_budget.TryTake(pooled)) return null;
                _pooled[Taken(node)] = pooled;
                return () => new GlobalPooling(map, pooled, node.OpType == "GlobalMaxPool");
        }
        return null;
    }

    /// <summary>Three numbers that all pixels are changed by, where nothing else reads the pixels.</summary>
    private float[]? Scale(NodeProto node)
    {
        if (node.Input is not [var pixels, var constant] || pixels != _pixels || _readers[pixels].Count() != 1 || _outputs.Contains(node.Output[0])) return null;
        if (_constants.Find(constant, 4, out var shape) is not { } values || shape is not [1, 3, 1, 1] || (node.OpType == "Div" && values.Any(value => !float.IsFinite(1 / value)))) return null;
        _pixels = Taken(node);
        return values;
    }

    private Func<Layer>? Convolution(NodeProto node)
    {
        var input = node.Input[0] == _pixels ? _image : _maps.GetValueOrDefault(node.Input[0]);
        if (input is null || Weights(node, input) is not { } weights) return null;
        var last = node;
        if (Only(node.Output[0]) is { OpType: "BatchNormalization" } norm && Normalised(weights, norm) is { } folded) (weights, last) = (folded, norm);
        var (map, wide) = (weights.MapOf(input), Vector512.IsHardwareAccelerated && Avx512F.IsSupported && weights.Outputs % Avx512Product.Width == 0);
        var winograd = wide ? WinogradConvolution<Avx512Product>.Suits(weights) : WinogradConvolution<Avx2Product>.Suits(weights);
        if (!_budget.TryTake(map) || !_budget.TryTake(weights, input, winograd)) return null;
        _taken.Add(node);
        weights = weights with { Rectified = Rectified(last, map) };
        return (wide, winograd) switch
        {
            (true, true) => () => new WinogradConvolution<Avx512Product>(input, weights, map),
            (true, false) => () => new DirectConvolution<Avx512Product>(input, weights, map),
            (false, true) => () => new WinogradConvolution<Avx2Product>(input, weights, map),
            (false, false) => () => new DirectConvolution<Avx2Product>(input, weights, map),
        };
    }

    private ConvolutionWeights? Weights(NodeProto node, FeatureMap input)
    {
        if (!NodeReader.IsPlain(node) || NodeReader.Window(node) is not var (stride, before, behind) || _constants.Find(node.Input[1], 4, out var shape) is not { } values) return null;
        float[]? bias = node.Input.Count < 3 ? new float[shape[0]] : _constants.Find(node.Input[2], 1, out _);
        if (bias?.Length != shape[0] || shape[1] != input.Channels) return null;
        if (node.Integers("kernel_shape") is { } declared && !declared.SequenceEqual([shape[2], shape[3]])) return null;
        // Padding is less than a window, and there is room for a window.
        var fits = Math.Max(before, behind) < Math.Min(shape[2], shape[3]) && Math.Max(shape[2], shape[3]) <= Math.Min(input.Height, input.Width) + before + behind;
        return fits ? new(values, bias, shape[1], shape[2], shape[3], stride, before, behind, false) : null;
    }

    private ConvolutionWeights? Normalised(ConvolutionWeights weights, NodeProto norm)
    {
        var parts = norm.Input.Skip(1).Take(5).Select(name => _constants.Find(name, 1, out _)).ToArray();
        if (parts is not [{ } scale, { } shift, { } mean, { } variance] || parts.Any(part => part!.Length != weights.Outputs) || norm.Integer("training_mode", 0) != 0) return null;
        var epsilon = norm.Epsilon();
        float[] factors = [.. scale.Zip(variance, (value, spread) => (float)(value / Math.Sqrt((double)spread + epsilon)))];
        return weights.Then(factors, [.. shift.Select((value, i) => value - mean[i] * factors[i])]);
    }

    private Func<Layer>? Pooling(NodeProto node)
    {
        if (!_maps.TryGetValue(node.Input[0], out var input) || !NodeReader.IsPlain(node) || NodeReader.Window(node) is not var (stride, before, behind)) return null;
        if (node.Integers("kernel_shape") is not [var side, var across] || side != across || side is < 1 or > TrunkBudget.Most || before >= side || behind >= side) return null;
        var up = node.Integer("ceil_mode", 0) == 1;
        var output = new FeatureMap(input.Channels, Windows(input.Height), Windows(input.Width));
        if (!_budget.TryTake(output)) return null;
        _maps[Taken(node)] = output;
        return () => new MaxPooling(input, output, (int)side, stride, before);

        int Windows(int size) => (int)NodeAttributes.Windows(size, side, stride, before, behind, up);
    }

    private void Join(NodeProto node)
    {
        var parts = node.Input.Select(name => _maps.GetValueOrDefault(name)).ToArray();
        if (parts.Any(part => part is null)) return;
        var channels = parts.Sum(part => (long)part!.Channels);
        var whole = new FeatureMap((int)Math.Min(channels, int.MaxValue), parts[0]!.Height, parts[0]!.Width);
        if (!_budget.TryTake(whole)) return;
        var first = 0;
        foreach (var part in parts)
        {
            if (!part!.TryLieIn(whole, first)) return;
            first += part.Channels;
        }
        _maps[Taken(node)] = whole;
    }

    /// <summary>Takes a node, and a rectification that alone reads its value; the map is then its result.</summary>
    private bool Rectified(NodeProto node, FeatureMap map)
    {
        var relu = Only(Taken(node)) is { OpType: "Relu" } found ? found : null;
        _maps[relu is null ? node.Output[0] : Taken(relu)] = map;
        return relu is not null;
    }

    private string Taken(NodeProto node)
    {
        _taken.Add(node);
        return node.Output[0];
    }

    /// <summary>The node of one output that alone reads a value which is no output of the graph.</summary>
    private NodeProto? Only(string value) =>
        _readers[value].Take(2).ToArray() is [{ Domain.Length: 0, Output.Count: 1 } node] && node.Input[0] == value && !_outputs.Contains(value) ? node : null;
}
