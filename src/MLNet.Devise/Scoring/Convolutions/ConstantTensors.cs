using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>The numbers that a graph holds: initializers, constants, and halves cast to singles.</summary>
internal sealed class ConstantTensors
{
    private readonly Dictionary<string, TensorProto> _tensors;
    private readonly Dictionary<string, string> _casts = new(StringComparer.Ordinal);

    public ConstantTensors(GraphProto graph)
    {
        _tensors = graph.Initializer.GroupBy(tensor => tensor.Name, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
        foreach (var node in graph.Node.Where(node => node.Output.Count == 1))
        {
            if (node.OpType == "Constant" && node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { } tensor) _tensors[node.Output[0]] = tensor;
            else if (node.OpType == "Cast" && _tensors.ContainsKey(node.Input[0])) _casts[node.Output[0]] = node.Input[0];
        }
    }

    /// <summary>Whether a value is one of these.</summary>
    public bool Has(string name) => _tensors.ContainsKey(name) || _casts.ContainsKey(name);

    /// <summary>A tensor of a shape, as singles; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rank">Dimensions.</param>
    /// <param name="shape">Its shape.</param>
    public float[]? Find(string name, int rank, out int[] shape)
    {
        shape = [];
        if (!_tensors.TryGetValue(_casts.GetValueOrDefault(name, name), out var tensor) || tensor.Dims.Count != rank || tensor.Dims.Any(size => size is < 1 or > 1 << 20)) return null;
        shape = [.. tensor.Dims.Select(size => (int)size)];
        var values = Values(tensor);
        return values is not null && values.Length == shape.Aggregate(1L, (product, size) => product * size) ? values : null;
    }

    private static float[]? Values(TensorProto tensor)
    {
        var raw = tensor.RawData.Span;
        switch ((DataType)tensor.DataType)
        {
            case DataType.Float when raw.Length % sizeof(float) == 0: return MemoryMarshal.Cast<byte, float>(raw).ToArray();
            case DataType.Float16 when raw.Length % 2 == 0:
                var halves = MemoryMarshal.Cast<byte, Half>(raw);
                var singles = new float[halves.Length];
                TensorPrimitives.ConvertToSingle(halves, singles);
                return singles;
            default: return null;
        }
    }
}
