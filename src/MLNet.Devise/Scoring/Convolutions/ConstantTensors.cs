using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>The numbers that a graph holds, whose names are all different: initializers, constants, and halves cast to singles.</summary>
internal sealed class ConstantTensors
{
    private readonly Dictionary<string, TensorProto> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _casts = new(StringComparer.Ordinal);

    public ConstantTensors(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer) _tensors[tensor.Name] = tensor;
        foreach (var node in graph.Node.Where(node => node.Domain.Length == 0 && node.Output.Count == 1))
        {
            if (node.OpType == "Constant" && node.Attribute is [{ Name: "value", Type: AttributeProto.Types.AttributeType.Tensor, T: { } tensor }]) _tensors[node.Output[0]] = tensor;
            else if (node.OpType == "Cast" && node.Input.Count == 1 && node.Integer("to", 0) == (long)DataType.Float) _casts[node.Output[0]] = node.Input[0];
        }
    }

    /// <summary>Whether a value is one of these.</summary>
    public bool Has(string name) => _tensors.ContainsKey(_casts.GetValueOrDefault(name, name));

    /// <summary>A tensor of singles, or of halves that are cast; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rank">Dimensions.</param>
    /// <param name="shape">Its shape; each size is at most <see cref="TrunkBudget.Most"/>.</param>
    public float[]? Find(string name, int rank, out int[] shape)
    {
        shape = [];
        var cast = _casts.TryGetValue(name, out var source);
        if (!_tensors.TryGetValue(source ?? name, out var tensor) || tensor.Dims.Count != rank || tensor.Dims.Any(size => size is < 1 or > TrunkBudget.Most)) return null;
        shape = [.. tensor.Dims.Select(size => (int)size)];
        var values = Values(tensor, cast);
        return values is not null && values.Length == shape.Aggregate(1L, (product, size) => product * size) ? values : null;
    }

    private static float[]? Values(TensorProto tensor, bool cast)
    {
        var raw = tensor.RawData.Span;
        switch ((DataType)tensor.DataType)
        {
            case DataType.Float when raw.Length % sizeof(float) == 0: return MemoryMarshal.Cast<byte, float>(raw).ToArray();
            case DataType.Float16 when cast && raw.Length % 2 == 0:
                var halves = MemoryMarshal.Cast<byte, Half>(raw);
                var singles = new float[halves.Length];
                TensorPrimitives.ConvertToSingle(halves, singles);
                return singles;
            default: return null;
        }
    }
}
