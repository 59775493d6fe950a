using System.Runtime.InteropServices;
using Google.Protobuf;

namespace MLNet.Devise.Onnx;

/// <summary>Adds nodes to the end of a finished graph, under names of their own.</summary>
internal sealed class GraphAppender(GraphProto graph)
{
    /// <summary>Adds a node of one output.</summary>
    /// <returns>The output's name: the one given, else a new one.</returns>
    public string Node(string op, string[] inputs, string? output = null, params (string Key, object Value)[] attributes) =>
        Node(op, inputs, [output ?? NewName()], attributes)[0];

    /// <summary>Adds a node of several outputs.</summary>
    public string[] Node(string op, string[] inputs, int outputs, params (string Key, object Value)[] attributes) =>
        Node(op, inputs, [.. Enumerable.Range(0, outputs).Select(i => $"{NewName()}.{i}")], attributes);

    /// <summary>Sum over some axes.</summary>
    public string Sum(string value, long[] axes, bool keep, string? output = null) =>
        Node("ReduceSum", [value, Integers(axes)], output, ("keepdims", keep ? 1L : 0L));

    /// <summary>A single number.</summary>
    public string Constant(float value) => Constant<float>([value], TensorProto.Types.DataType.Float);

    /// <summary>A list of integers.</summary>
    public string Integers(params long[] values) => Constant<long>(values, TensorProto.Types.DataType.Int64);

    private string Constant<T>(ReadOnlySpan<T> value, TensorProto.Types.DataType type) where T : unmanaged
    {
        var tensor = new TensorProto { Name = $"appended.constant.{graph.Initializer.Count}", DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(value)), Dims = { value.Length } };
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string NewName() => $"appended.{graph.Node.Count}";

    private string[] Node(string op, string[] inputs, string[] outputs, (string Key, object Value)[] attributes)
    {
        graph.Node.Add(new NodeProto
        {
            OpType = op, Name = outputs[0], Input = { inputs }, Output = { outputs },
            Attribute = { attributes.Select(pair => GraphBuilder.Attribute(pair.Key, pair.Value)) },
        });
        return outputs;
    }
}
