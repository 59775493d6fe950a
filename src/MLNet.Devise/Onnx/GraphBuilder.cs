using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;

namespace MLNet.Devise.Onnx;

/// <summary>Puts an ONNX model together node by node; every value has a name, and the last output of one node feeds the next.</summary>
internal sealed class GraphBuilder(string name)
{
    /// <summary>Operator set 17 (June 2022): what ML.NET's and every later ONNX Runtime runs.</summary>
    public const int OpSet = 17;
    private const int IrVersion = 8;

    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    /// <summary>Declares a float input; a text dimension is a free one.</summary>
    public string Input(string value, params object[] shape)
    {
        _graph.Input.Add(Value(value, TensorProto.Types.DataType.Float, shape));
        return Claim(value);
    }

    /// <summary>Declares an output.</summary>
    public void Output(string value, TensorProto.Types.DataType type, params object[] shape) => _graph.Output.Add(Value(value, type, shape));

    /// <summary>A constant of floats, little-endian as the format asks.</summary>
    public string Constant(string value, ReadOnlySpan<float> data, params long[] shape) => Constant(value, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(data), shape);

    /// <summary>A constant of integers.</summary>
    public string Constant(string value, ReadOnlySpan<long> data, params long[] shape) => Constant(value, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(data), shape);

    /// <summary>A constant list of texts.</summary>
    public string Constant(string value, IEnumerable<string> data)
    {
        var tensor = new TensorProto { Name = Claim(value), DataType = (int)TensorProto.Types.DataType.String };
        tensor.StringData.AddRange(data.Select(ByteString.CopyFromUtf8));
        tensor.Dims.Add(tensor.StringData.Count);
        _graph.Initializer.Add(tensor);
        return value;
    }

    /// <summary>Adds a node of one output.</summary>
    /// <returns>The output's name: the one given, else one made of the operator and a number.</returns>
    public string Node(string op, string[] inputs, string? output = null, params (string Key, object Value)[] attributes) =>
        Node(op, inputs, [output ?? string.Create(CultureInfo.InvariantCulture, $"{op}_{_graph.Node.Count}")], attributes)[0];

    /// <summary>Adds a node of several outputs.</summary>
    public string[] Node(string op, string[] inputs, string[] outputs, (string Key, object Value)[] attributes, string domain = "", string? name = null)
    {
        foreach (var input in inputs)
            if (!_values.Contains(input)) throw new InvalidOperationException($"{op}: input '{input}' is not defined before it is used");
        var node = new NodeProto { OpType = op, Name = name ?? outputs[0], Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs.Select(Claim));
        node.Attribute.AddRange(attributes.Select(pair => Attribute(pair.Key, pair.Value)));
        _graph.Node.Add(node);
        return outputs;
    }

    /// <summary>The finished model with its metadata.</summary>
    public ModelProto Build(IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "MLNet.Devise", ProducerVersion = typeof(GraphBuilder).Assembly.GetName().Version?.ToString(3), Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OpSet });
        if (_graph.Node.Any(node => node.Domain == "ai.onnx.ml")) model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = 3 });
        foreach (var (key, value) in metadata ?? []) model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    private string Constant(string value, TensorProto.Types.DataType type, ReadOnlySpan<byte> data, long[] shape)
    {
        var tensor = new TensorProto { Name = Claim(value), DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        _graph.Initializer.Add(tensor);
        return value;
    }

    private string Claim(string value) => _values.Add(value) ? value : throw new InvalidOperationException($"the graph already has a value '{value}'");

    internal static AttributeProto Attribute(string key, object value)
    {
        var attribute = new AttributeProto { Name = key };
        switch (value)
        {
            case long number: (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, number); break;
            case float number: (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, number); break;
            case string text: (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(text)); break;
            case long[] numbers: attribute.Type = AttributeProto.Types.AttributeType.Ints; attribute.Ints.AddRange(numbers); break;
            case string[] texts:
                attribute.Type = AttributeProto.Types.AttributeType.Strings;
                attribute.Strings.AddRange(texts.Select(text => ByteString.CopyFrom(text, Encoding.UTF8)));
                break;
            default: throw new NotSupportedException($"attribute '{key}' of type {value.GetType().Name}");
        }
        return attribute;
    }

    internal static ValueInfoProto Value(string value, TensorProto.Types.DataType type, object[] shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var size in shape)
            dimensions.Dim.Add(size is string free
                ? new TensorShapeProto.Types.Dimension { DimParam = free }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, CultureInfo.InvariantCulture) });
        return new ValueInfoProto { Name = value, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } } };
    }
}
