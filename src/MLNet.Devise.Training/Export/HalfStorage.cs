using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.AttributeProto.Types;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Training.Export;

/// <summary>
/// Stores weights in 16 bits and casts them to 32 when the network is loaded: half the file, the same arithmetic and speed.
/// </summary>
/// <remarks>
/// The halves are Constant nodes, not initializers, which ONNX Runtime treats alike: ML.NET looks up the type of every initializer and
/// refuses those it has none for.
/// </remarks>
internal static class HalfStorage
{
    /// <summary>Smaller constants stay as they are and weigh nothing.</summary>
    private const int LeastValues = 256;

    /// <param name="source">The exported network; it stays as it is.</param>
    public static ModelProto Of(ModelProto source)
    {
        var model = source.Clone();
        var (added, kept) = (new List<NodeProto>(), new List<TensorProto>());
        foreach (var tensor in model.Graph.Initializer)
        {
            if (Halved(tensor) is not { } halves)
            {
                kept.Add(tensor);
                continue;
            }
            var constant = new NodeProto { OpType = "Constant", Name = halves.Name, Output = { halves.Name } };
            constant.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeType.Tensor, T = halves });
            var cast = new NodeProto { OpType = "Cast", Name = tensor.Name, Input = { halves.Name }, Output = { tensor.Name } };
            cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeType.Int, I = (long)DataType.Float });
            added.AddRange([constant, cast]);
        }
        NodeProto[] nodes = [.. added, .. model.Graph.Node];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
        model.Graph.Initializer.Clear();
        model.Graph.Initializer.AddRange(kept);
        return model;
    }

    private static TensorProto? Halved(TensorProto tensor)
    {
        // Vectors are biases and batch statistics, whose range is wide.
        if (tensor.DataType != (int)DataType.Float || tensor.Dims.Count < 2) return null;
        var values = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span);
        // Beyond 65504 a half is infinite.
        if (values.Length < LeastValues || Math.Abs(TensorPrimitives.MaxMagnitude(values)) > (float)Half.MaxValue) return null;
        var halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        return new TensorProto { Name = $"{tensor.Name}.half", Dims = { tensor.Dims }, DataType = (int)DataType.Float16, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(halves.AsSpan())) };
    }
}
