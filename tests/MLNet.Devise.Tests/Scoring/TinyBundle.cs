using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Google.Protobuf;
using MLNet.Devise.Labels;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>A bundle of a network so small that its tests take no time: 4×4 colour means → linear map → unit length.</summary>
internal static class TinyBundle
{
    public const int Size = 16, Dimension = 8, Labels = 7;

    /// <summary>Writes the bundle into a folder.</summary>
    public static ModelBundle Write(string folder, int labels = Labels, int seed = 1) =>
        ModelBundle.Write(folder, Network(seed), Space(labels, seed), Manifest(labels), (onnx, zip) => StockPipeline.Save(onnx, Space(labels, seed), Size, zip));

    public static BundleManifest Manifest(int labels = Labels) => new()
    {
        Backbone = "tiny",
        Parameters = 48 * Dimension,
        ImageSize = Size,
        Dimension = Dimension,
        Vectors = "none",
        Seen = [.. Space(labels).Names],
    };

    public static LabelSpace Space(int labels = Labels, int seed = 1) => new([.. Enumerable.Range(0, labels).Select(i => $"label+{i}")], Random(labels * Dimension, seed + 100));

    public static byte[] Network(int seed = 1, float scale = 1)
    {
        var graph = new GraphBuilder("tiny");
        var image = graph.Input("image", "N", 3, Size, Size);
        var means = graph.Node("AveragePool", [image], null, ("kernel_shape", new[] { 4L, 4L }), ("strides", new[] { 4L, 4L }));
        var flat = graph.Node("Flatten", [means]);
        var weights = graph.Constant("weights", Random(48 * Dimension, seed).Select(value => value * scale).ToArray(), 48, Dimension);
        var bias = graph.Constant("bias", Random(Dimension, seed + 1), Dimension);
        var mapped = graph.Node("Add", [graph.Node("MatMul", [flat, weights]), bias]);
        graph.Node("LpNormalization", [mapped], "embedding", ("axis", -1L), ("p", 2L));
        graph.Output("embedding", DataType.Float, "N", Dimension);
        return graph.Build().ToByteArray();
    }

    /// <summary>Puts another file into a bundle, checksum and all: damage that a checksum cannot tell.</summary>
    public static void Replace(string folder, string name, byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        var manifest = Path.Combine(folder, ModelBundle.ManifestName);
        var json = JsonNode.Parse(File.ReadAllText(manifest))!;
        json["files"]![name] = new JsonObject { ["bytes"] = bytes.Length, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        File.WriteAllText(manifest, json.ToJsonString());
    }

    public static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
