using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.AttributeProto.Types;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>
/// Writes quantisation into a graph in ONNX's own operators: every value that becomes bytes goes through QuantizeLinear and
/// DequantizeLinear, weights and biases come out of a DequantizeLinear. ONNX Runtime fuses these pairs with the operators between them
/// into integer ones; what it does not know still computes the same in floats.
/// </summary>
internal sealed class QdqWriter(EditableGraph graph, Placement placement, IReadOnlyDictionary<string, ByteScale> scales)
{
    private readonly List<NodeProto> _nodes = [];

    /// <param name="layers">The bytes of each of the placement's layers, in order.</param>
    public void Write(IReadOnlyList<LayerCodes> layers)
    {
        foreach (var (name, scale) in scales)
        {
            graph.Set<float>(ScaleName(name), DataType.Float, [scale.Scale]);
            graph.Set<byte>(ZeroName(name), DataType.Uint8, [scale.Zero]);
        }
        var codes = placement.Layers.Zip(layers).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        foreach (var input in graph.Model.Graph.Input) Quantize(input.Name);
        foreach (var node in graph.Nodes.ToArray())
        {
            if (codes.TryGetValue(node.Name, out var layer)) WriteLayer(node, layer);
            for (var i = 0; i < node.Input.Count; i++)
                if (placement.Values.Contains(node.Input[i])) node.Input[i] = Name(node.Input[i], "floats");
            _nodes.Add(node);
            foreach (var output in node.Output) Quantize(output);
        }
        graph.Nodes.Clear();
        graph.Nodes.AddRange(_nodes);
        graph.Prune();
    }

    private static string Name(string value, string part) => $"{value}.{part}";

    private static string ScaleName(string value) => Name(value, "scale");

    private static string ZeroName(string value) => Name(value, "zero");

    private void Quantize(string value)
    {
        if (!placement.Values.Contains(value)) return;
        var (scale, zero) = (ScaleName(placement.ScaleOf(value)), ZeroName(placement.ScaleOf(value)));
        Add("QuantizeLinear", Name(value, "bytes"), value, scale, zero);
        Add("DequantizeLinear", Name(value, "floats"), Name(value, "bytes"), scale, zero);
    }

    private void WriteLayer(NodeProto node, LayerCodes codes)
    {
        var (weights, shape, outputs) = (node.Input[1], graph.Shape(node.Input[1]), codes.Scales.Length);
        node.Input[1] = Floats(weights, () => graph.Set<sbyte>(Name(weights, "bytes"), DataType.Int8, codes.Weights, shape),
            codes.Scales, () => graph.Set<sbyte>(ZeroName(weights), DataType.Int8, new sbyte[outputs], outputs));
        if (node.Input.Count < 3) node.Input.Add(Name(node.Name, "bias"));
        var bias = node.Input[2];
        node.Input[2] = Floats(bias, () => graph.Set<int>(Name(bias, "bytes"), DataType.Int32, codes.Bias, outputs),
            codes.BiasScales, () => graph.Set<int>(ZeroName(bias), DataType.Int32, new int[outputs], outputs));
    }

    private string Floats(string constant, Func<string> values, float[] steps, Func<string> zeros)
    {
        var scale = graph.Set<float>(ScaleName(constant), DataType.Float, steps, steps.Length);
        var node = Add("DequantizeLinear", Name(constant, "floats"), values(), scale, zeros());
        node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeType.Int, I = 0 });
        return node.Output[0];
    }

    private NodeProto Add(string op, string output, params string[] inputs)
    {
        var node = new NodeProto { OpType = op, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        _nodes.Add(node);
        return node;
    }
}
