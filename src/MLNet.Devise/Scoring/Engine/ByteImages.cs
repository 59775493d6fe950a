using System.Buffers.Binary;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>
/// An int8 network as we export it begins by giving the image a fourth channel of ones and rounding all to bytes: those that the pixels were
/// before they were made numbers in 0..1. Without these steps it reads <see cref="InterleavedPixels"/> as they are, and computes the same.
/// </summary>
internal sealed class ByteImages
{
    private readonly GraphProto _graph;

    private ByteImages(GraphProto graph) => _graph = graph;

    /// <summary>The network that reads bytes, count × side × side × 4; null where it begins in another way.</summary>
    /// <param name="model">The network; it stays as it is.</param>
    /// <param name="side">Side of an image, pixels.</param>
    public static ModelProto? TryRead(ModelProto model, int side)
    {
        var reader = new ByteImages(model.Graph);
        if (!model.IsFlat() || model.Graph.HasNamesakes(Columns.Pixels) || !reader.TakesImages(side)) return null;
        if (reader.OnlyReader(Columns.Pixels) is not { OpType: "Pad" } pad || !reader.AddsOnes(pad)) return null;
        if (reader.OnlyReader(pad.Output[0]) is not { OpType: "QuantizeLinear" } rounding || !reader.GivesBytes(rounding)) return null;

        var reading = model.Clone();
        var (graph, order) = (reading.Graph, GraphBuilder.Attribute("perm", new[] { 0L, 3, 1, 2 }));
        graph.Node.Remove(pad);
        graph.Node.Remove(rounding);
        // ONNX Runtime computes with channels innermost, and takes this out again.
        graph.Node.Insert(0, new() { OpType = "Transpose", Name = rounding.Name, Input = { Columns.Pixels }, Output = { rounding.Output[0] }, Attribute = { order } });
        // Whatever the number of images may be, it stays.
        var (images, image) = (model.Graph.Input[0].Type.TensorType.Shape.Dim[0].Clone(), GraphBuilder.Value(Columns.Pixels, DataType.Uint8, ["N", side, side, InterleavedPixels.Channels]));
        image.Type.TensorType.Shape.Dim[0] = images;
        graph.Input.Clear();
        graph.Input.Add(image);
        var read = graph.Node.SelectMany(node => node.Input).Concat(graph.Output.Select(output => output.Name)).ToHashSet(StringComparer.Ordinal);
        var constants = graph.Initializer.Where(tensor => read.Contains(tensor.Name)).ToArray();
        graph.Initializer.Clear();
        graph.Initializer.AddRange(constants);
        return reading;
    }

    private bool TakesImages(int side) =>
        _graph.Input is [{ Name: Columns.Pixels, Type.TensorType: { ElemType: (int)DataType.Float, Shape.Dim: [_, { DimValue: 3 }, var height, var width] } }] && height.DimValue == side && width.DimValue == side;

    /// <summary>The node of three inputs that alone reads a value which is no output of the graph.</summary>
    private NodeProto? OnlyReader(string value) =>
        _graph.Node.Where(node => node.Input.Contains(value)).Take(2).ToArray() is [{ Domain.Length: 0, Input.Count: 3, Output.Count: 1 } node] && node.Input.IndexOf(value) == 0
        && _graph.Output.All(output => output.Name != value) ? node : null;

    /// <summary>Whether a node makes one more channel of ones, and nothing else.</summary>
    private bool AddsOnes(NodeProto pad) =>
        pad.Attribute.Count == 0 && Constant(pad.Input[1], DataType.Int64, 8 * sizeof(long)) is { } border && Constant(pad.Input[2], DataType.Float, sizeof(float)) is { } value
        && Enumerable.Range(0, 8).All(i => BinaryPrimitives.ReadInt64LittleEndian(border.AsSpan(i * sizeof(long))) == (i == 5 ? 1 : 0)) && BinaryPrimitives.ReadSingleLittleEndian(value) == 1;

    /// <summary>Whether rounding makes every byte's number that byte again, and 255 of one.</summary>
    private bool GivesBytes(NodeProto rounding)
    {
        if (rounding.Attribute.Count > 0 || Constant(rounding.Input[1], DataType.Float, sizeof(float)) is not { } scale || Constant(rounding.Input[2], DataType.Uint8, 1) is not [0]) return false;
        var step = BinaryPrimitives.ReadSingleLittleEndian(scale);
        return MathF.Round(1 / step) == 255 && Enumerable.Range(0, 256).All(value => MathF.Round(value * (1 / 255f) / step) == value);
    }

    private byte[]? Constant(string name, DataType type, int bytes) =>
        _graph.Initializer.FirstOrDefault(tensor => tensor.Name == name) is { } tensor && tensor.DataType == (int)type && tensor.RawData.Length == bytes ? tensor.RawData.ToByteArray() : null;
}
