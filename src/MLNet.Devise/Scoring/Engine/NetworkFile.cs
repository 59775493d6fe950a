using Google.Protobuf;
using MLNet.Devise.Onnx;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>What a network's file must be before ONNX Runtime sees it: one file, from <c>image</c> to <c>embedding</c>.</summary>
internal static class NetworkFile
{
    /// <summary>Reads and checks a network.</summary>
    /// <exception cref="DeviseInputException">It is no ONNX model, keeps its weights in other files, or has other inputs and outputs.</exception>
    public static byte[] Read(string path)
    {
        var onnx = File.ReadAllBytes(path);
        Check(onnx, path);
        return onnx;
    }

    /// <summary>The same for a network in memory; <paramref name="source"/> says whose it is.</summary>
    public static ModelProto Check(byte[] onnx, string source)
    {
        ModelProto model;
        try { model = ModelProto.Parser.ParseFrom(onnx); }
        catch (InvalidProtocolBufferException e) { throw CannotLoad(source, e); }
        if (ExternalTensor(model) is { } tensor)
            throw new DeviseInputException($"{source}: tensor '{tensor}' is kept in another file (ONNX external data), expected all weights inside; export the run again");
        if (model.Graph is not { } graph || graph.Input.All(value => value.Name != Columns.Pixels) || graph.Output.All(value => value.Name != Columns.Embedding)) throw CannotLoad(source, null);
        return model;
    }

    public static DeviseInputException CannotLoad(string source, Exception? inner)
    {
        var message = $"{source}: ONNX Runtime cannot load it, expected a network from '{Columns.Pixels}' to '{Columns.Embedding}'; export the run again";
        return inner is null ? new(message) : new(message, inner);
    }

    /// <summary>A tensor that names a file of its own could name any file of this machine.</summary>
    private static string? ExternalTensor(ModelProto model) =>
        Tensors(model.Graph).Concat(model.Functions.SelectMany(function => function.Node).SelectMany(Tensors)).FirstOrDefault(IsExternal)?.Name;

    private static bool IsExternal(TensorProto tensor) => tensor.DataLocation != 0 || tensor.ExternalData.Count > 0;

    private static IEnumerable<TensorProto> Tensors(GraphProto? graph) =>
        graph is null ? [] : graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Tensors)).Concat(graph.Node.SelectMany(Tensors));

    private static IEnumerable<TensorProto> Tensors(NodeProto node) => node.Attribute.SelectMany(attribute =>
        attribute.Tensors.Append(attribute.T).OfType<TensorProto>()
            .Concat(attribute.SparseTensors.Append(attribute.SparseTensor).OfType<SparseTensorProto>().SelectMany(Tensors))
            .Concat(attribute.Graphs.Append(attribute.G).SelectMany(Tensors)));

    private static IEnumerable<TensorProto> Tensors(SparseTensorProto sparse) => new[] { sparse.Values, sparse.Indices }.OfType<TensorProto>();
}
