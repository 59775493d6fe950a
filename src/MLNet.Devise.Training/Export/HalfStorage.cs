using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Training.Export;

/// <summary>
/// Stores weights in 16 bits and casts them to 32 when the network is loaded: half the file, the same arithmetic and speed.
/// </summary>
internal static class HalfStorage
{
    /// <summary>Smaller constants stay as they are and weigh nothing.</summary>
    private const int LeastValues = 256;

    /// <param name="source">The exported network; it stays as it is.</param>
    public static ModelProto Of(ModelProto source)
    {
        var model = source.Clone();
        var casts = new List<NodeProto>();
        foreach (var tensor in model.Graph.Initializer.Where(tensor => tensor.DataType == (int)DataType.Float))
        {
            var values = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span);
            // Vectors are biases and batch statistics, whose range is wide; beyond 65504 a half is infinite.
            if (tensor.Dims.Count < 2 || values.Length < LeastValues || TensorPrimitives.MaxMagnitude(values) is var most && Math.Abs(most) > (float)Half.MaxValue) continue;
            var halves = new Half[values.Length];
            TensorPrimitives.ConvertToHalf(values, halves);
            var cast = new NodeProto { OpType = "Cast", Name = tensor.Name, Input = { $"{tensor.Name}.half" }, Output = { tensor.Name } };
            cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)DataType.Float });
            casts.Add(cast);
            (tensor.Name, tensor.DataType, tensor.RawData) = (cast.Input[0], (int)DataType.Float16, ByteString.CopyFrom(MemoryMarshal.AsBytes(halves.AsSpan())));
        }
        NodeProto[] nodes = [.. casts, .. model.Graph.Node];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
        return model;
    }
}
