using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using MLNet.Devise.Onnx;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>A copy of an ONNX model whose constants can be read and replaced and whose nodes can be taken out.</summary>
internal sealed class EditableGraph
{
    private readonly Dictionary<string, TensorProto> _constants;

    public EditableGraph(ModelProto source)
    {
        Model = source.Clone();
        _constants = Model.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    public ModelProto Model { get; }

    /// <summary>In an order in which every value is made before it is read.</summary>
    public RepeatedField<NodeProto> Nodes => Model.Graph.Node;

    public bool IsConstant(string value) => _constants.ContainsKey(value);

    public long[] Shape(string constant) => [.. _constants[constant].Dims];

    /// <summary>The values of a constant of floats.</summary>
    public float[] Floats(string constant) =>
        _constants[constant] is { DataType: (int)TensorProto.Types.DataType.Float } tensor
            ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
            : throw new NotSupportedException($"{constant}: a constant of type {_constants[constant].DataType}, expected floats");

    /// <summary>The node that makes a value; null for constants and the graph's inputs.</summary>
    public NodeProto? Producer(string value) => Nodes.FirstOrDefault(node => node.Output.Contains(value));

    /// <summary>The node that reads a value, where there is exactly one and the value is no output of the graph.</summary>
    public NodeProto? OnlyConsumer(string value)
    {
        if (Model.Graph.Output.Any(output => output.Name == value)) return null;
        var readers = Nodes.Where(node => node.Input.Contains(value)).Take(2).ToArray();
        return readers.Length == 1 ? readers[0] : null;
    }

    /// <summary>Adds a constant, or replaces the one of that name.</summary>
    public string Set<T>(string name, TensorProto.Types.DataType type, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        if (_constants.Remove(name, out var older)) Model.Graph.Initializer.Remove(older);
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        foreach (var size in shape) tensor.Dims.Add(size);
        Model.Graph.Initializer.Add(_constants[name] = tensor);
        return name;
    }

    /// <summary>Takes a node of one output out; who read its output reads its first input.</summary>
    public void Bypass(NodeProto node)
    {
        Nodes.Remove(node);
        foreach (var reader in Nodes)
            for (var i = 0; i < reader.Input.Count; i++)
                if (reader.Input[i] == node.Output[0]) reader.Input[i] = node.Input[0];
    }

    /// <summary>Takes out constants that no node reads.</summary>
    public void Prune()
    {
        var read = Nodes.SelectMany(node => node.Input).ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in _constants.Values.Where(tensor => !read.Contains(tensor.Name)).ToArray())
        {
            Model.Graph.Initializer.Remove(tensor);
            _constants.Remove(tensor.Name);
        }
    }
}
