using MLNet.Devise.Onnx;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>
/// Which values of a graph become bytes, and which of them share a scale, so that ONNX Runtime computes in integers from one to the next.
/// </summary>
/// <remarks>
/// Bytes are what convolutions and linear layers read, and what convolutions, and maxima, concatenations and sums of theirs, give. A ReLU
/// after one of them is part of it: where the scale starts at zero, ONNX Runtime drops it. Maxima and concatenations keep their inputs'
/// scale and so only move bytes. What a linear layer gives, what is pooled over the whole image, and all after it stay floats: there is
/// little of it.
/// </remarks>
internal sealed class Placement
{
    private readonly Dictionary<string, string> _scaleOf = new(StringComparer.Ordinal);
    private readonly List<NodeProto> _layers = [];

    private Placement() { }

    /// <summary>Convolutions and linear layers, whose weights become bytes.</summary>
    public IReadOnlyList<NodeProto> Layers => _layers;

    /// <summary>The values that become bytes.</summary>
    public IReadOnlyCollection<string> Values => _scaleOf.Keys;

    /// <summary>The value that names the scale of another: the same for all that share it.</summary>
    public string ScaleOf(string value) => _scaleOf[value];

    public static Placement Of(EditableGraph graph)
    {
        var placement = new Placement();
        var bytes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            switch (node.OpType)
            {
                case "Conv":
                    placement.AddLayer(graph, node);
                    bytes.Add(placement.Add(AfterRelu(graph, node)));
                    break;
                case "Gemm":
                    placement.AddLayer(graph, node);
                    break;
                case "MaxPool" or "Concat" when node.Input.All(bytes.Contains):
                    bytes.Add(placement.Add(node.Output[0]));
                    foreach (var input in node.Input) placement.Share(input, node.Output[0]);
                    break;
                case "Add" when node.Input.All(bytes.Contains):
                    bytes.Add(placement.Add(AfterRelu(graph, node)));
                    break;
            }
        }
        return placement;
    }

    private void AddLayer(EditableGraph graph, NodeProto node)
    {
        if (!graph.IsConstant(node.Input[1])) throw new NotSupportedException($"{node.Name}: a {node.OpType} whose weights are computed has no int8 rule");
        if (node.OpType == "Gemm" && node.Integer("transB", 0) != 1) throw new NotSupportedException($"{node.Name}: a Gemm without transB has no int8 rule");
        _layers.Add(node);
        Add(node.Input[0]);
    }

    private string Add(string value)
    {
        _scaleOf.TryAdd(value, value);
        return value;
    }

    private void Share(string one, string other)
    {
        var (from, to) = (_scaleOf[one], _scaleOf[other]);
        foreach (var value in _scaleOf.Where(pair => pair.Value == from).Select(pair => pair.Key).ToArray()) _scaleOf[value] = to;
    }

    private static string AfterRelu(EditableGraph graph, NodeProto node) =>
        graph.OnlyConsumer(node.Output[0]) is { OpType: "Relu" } relu ? relu.Output[0] : node.Output[0];
}
