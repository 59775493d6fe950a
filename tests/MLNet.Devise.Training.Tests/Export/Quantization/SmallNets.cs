using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training.Export;

namespace MLNet.Devise.Training.Tests.Export.Quantization;

/// <summary>Graphs of a few nodes over 3×12×12 images, with random weights, and how they run.</summary>
internal sealed class SmallNets(int seed)
{
    public const int Side = 12, Channels = 16;

    private readonly Random _random = new(seed);

    public GraphBuilder Graph { get; } = new("small");

    public string Image => field ??= Graph.Input("image", "N", 3, Side, Side);

    public float[] Values(int count, float from = -0.5f, float to = 0.5f) => [.. Enumerable.Range(0, count).Select(_ => from + (to - from) * _random.NextSingle())];

    public string Conv(string x, int from, int side = 3, long pad = 0, bool bias = true)
    {
        var name = $"w{_random.Next():x}";
        string[] inputs = [x, Graph.Constant(name, Values(Channels * from * side * side), Channels, from, side, side), .. bias ? (string[])[Graph.Constant($"{name}.bias", Values(Channels), Channels)] : []];
        return Graph.Node("Conv", inputs, null, ("kernel_shape", new long[] { side, side }), ("pads", new[] { pad, pad, pad, pad }));
    }

    public string Relu(string x) => Graph.Node("Relu", [x]);

    public string MaxPool(string x) => Graph.Node("MaxPool", [x], null, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }), ("ceil_mode", 1L));

    public string Norm(string x, int channels)
    {
        var name = $"n{_random.Next():x}";
        return Graph.Node("BatchNormalization", [
            x, Graph.Constant($"{name}.weight", Values(channels, 0.5f, 2), channels), Graph.Constant($"{name}.bias", Values(channels), channels),
            Graph.Constant($"{name}.mean", Values(channels), channels), Graph.Constant($"{name}.variance", Values(channels, 0.2f, 3), channels)], null, ("epsilon", 1e-5f));
    }

    public string Gemm(string x, int from, int to, bool bias = true)
    {
        var name = $"g{_random.Next():x}";
        string[] inputs = [x, Graph.Constant(name, Values(from * to), to, from), .. bias ? (string[])[Graph.Constant($"{name}.bias", Values(to), to)] : []];
        return Graph.Node("Gemm", inputs, null, ("transB", 1L));
    }

    public string Pooled(string x) => Graph.Node("Flatten", [Graph.Node("Concat", [Graph.Node("GlobalMaxPool", [x]), Graph.Node("GlobalAveragePool", [x])], null, ("axis", 1L))]);

    public ModelProto End(string x)
    {
        Graph.Node("Flatten", [x], "embedding");
        Graph.Output("embedding", TensorProto.Types.DataType.Float, "N", "values");
        return Graph.Build();
    }

    /// <summary>Images of whole bytes / 255.</summary>
    public static PixelBatch Batch(int count, int seed)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, count * 3 * Side * Side).Select(_ => random.Next(256) / 255f)], count, Side, []);
    }

    /// <summary>Noise as scoring's networks read it: red, green, blue and 255 of each pixel.</summary>
    public static byte[] Pixels(int count, int side, int seed)
    {
        var pixels = new byte[count * side * side * 4];
        new Random(seed).NextBytes(pixels);
        for (var i = 3; i < pixels.Length; i += 4) pixels[i] = 255;
        return pixels;
    }

    public static float[] Run(ModelProto model, PixelBatch batch)
    {
        // As scoring does it: processors without VNNI must be told to add up bytes exactly.
        using var settings = ExecutionProviders.Settings(ExecutionProvider.Cpu, 0);
        using var session = new InferenceSession(model.ToByteArray(), settings);
        using var input = OrtValue.CreateTensorValueFromMemory(batch.Pixels, batch.Shape);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["image"], [input], ["embedding"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>The kinds of operators that ONNX Runtime makes of a model, each with its number.</summary>
    public static Dictionary<string, int> Fused(ModelProto model, GraphOptimizationLevel level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED)
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var settings = new SessionOptions { OptimizedModelFilePath = path, GraphOptimizationLevel = level, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR })
            using (new InferenceSession(model.ToByteArray(), settings)) { }
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node.GroupBy(node => node.OpType).ToDictionary(group => group.Key, group => group.Count());
        }
        finally { File.Delete(path); }
    }
}
