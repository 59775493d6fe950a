using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Tests.Evaluation;

/// <summary>Gradients in a graph against finite differences of the same graph, rule by rule and all together.</summary>
public sealed class GradientGraphTests
{
    private const int Width = 8;

    /// <summary>What is done to x, N×8, by its name.</summary>
    private static readonly Dictionary<string, Func<GraphBuilder, string, string>> Operators = new()
    {
        ["Relu"] = (graph, x) => graph.Node("Relu", [x]),
        ["Max"] = (graph, x) => graph.Node("Max", [x, graph.Constant("least", [0.1f], 1)]),
        ["Gemm"] = (graph, x) => graph.Node("Gemm", [x, graph.Constant("w", Random(5 * Width, 1), 5, Width), graph.Constant("b", Random(5, 2), 5)], null, ("transB", 1L)),
        ["BatchNormalization"] = (graph, x) => graph.Node("BatchNormalization", [x, graph.Constant("scale", Random(Width, 3), Width), graph.Constant("bias", Random(Width, 4), Width), graph.Constant("mean", Random(Width, 5), Width), graph.Constant("variance", Positive(Width, 6), Width)], null, ("epsilon", 1e-3f)),
        ["BatchNormalization of maps"] = (graph, x) => graph.Node("Flatten", [graph.Node("BatchNormalization", [Maps(graph, x), graph.Constant("scale", Random(Width, 3), Width), graph.Constant("bias", Random(Width, 4), Width), graph.Constant("mean", Random(Width, 5), Width), graph.Constant("variance", Positive(Width, 6), Width)])], null, ("axis", 1L)),
        ["Mul, Add"] = (graph, x) => graph.Node("Add", [graph.Node("Mul", [x, graph.Constant("factors", Random(Width, 7), Width)]), graph.Constant("terms", Random(Width, 8), Width)]),
        ["LpNormalization"] = (graph, x) => graph.Node("LpNormalization", [x], null, ("axis", -1L), ("p", 2L)),
        ["Softmax"] = (graph, x) => graph.Node("Softmax", [x], null, ("axis", -1L)),
        ["Flatten"] = (graph, x) => graph.Node("Flatten", [graph.Node("Unsqueeze", [x, graph.Constant("axes", [2L], 1)])], null, ("axis", 1L)),
        ["Identity, Squeeze"] = (graph, x) => graph.Node("Identity", [graph.Node("Squeeze", [graph.Node("Unsqueeze", [x, graph.Constant("axes", [1L], 1)]), "axes"])]),
        ["used twice"] = (graph, x) => graph.Node("Add", [x, graph.Node("Relu", [x])]),
        ["Concat"] = (graph, x) => graph.Node("Concat", [graph.Node("Relu", [x]), graph.Node("Softmax", [x], null, ("axis", -1L))], null, ("axis", 1L)),
        ["GlobalMaxPool"] = (graph, x) => graph.Node("Flatten", [graph.Node("GlobalMaxPool", [Maps(graph, x)])], null, ("axis", 1L)),
        ["GlobalAveragePool"] = (graph, x) => graph.Node("Flatten", [graph.Node("GlobalAveragePool", [Maps(graph, x)])], null, ("axis", 1L)),
        ["Conv"] = (graph, x) => graph.Node("Flatten", [graph.Node("GlobalMaxPool", [graph.Node("Conv", [Maps(graph, x), graph.Constant("kernel", Random(3 * Width, 12), 3, Width, 1, 1)], null, ("kernel_shape", new[] { 1L, 1L }))])], null, ("axis", 1L)),
        ["Conv, padded, with a stride that leaves out a row"] = (graph, x) => graph.Node("Flatten", [graph.Node("Conv", [Picture(graph, x), graph.Constant("kernel", Random(3 * 9, 13), 3, 1, 3, 3)], null, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }), ("pads", new[] { 1L, 1L, 1L, 1L }))], null, ("axis", 1L)),
        ["Conv, dilated, in groups"] = (graph, x) => graph.Node("Flatten", [graph.Node("Conv", [Maps(graph, x), graph.Constant("kernel", Random(4 * 2 * 2, 14), 4, 2, 2, 1)], null, ("kernel_shape", new[] { 2L, 1L }), ("dilations", new[] { 2L, 1L }), ("pads", new[] { 1L, 0L, 1L, 0L }), ("group", 4L))], null, ("axis", 1L)),
        ["MaxPool, of windows that overlap"] = (graph, x) => graph.Node("Flatten", [graph.Node("MaxPool", [Picture(graph, x)], null, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }), ("ceil_mode", 1L))], null, ("axis", 1L)),
        ["ConSE"] = (graph, x) =>
        {
            var top = graph.Node("TopK", [graph.Node("Softmax", [x], null, ("axis", -1L)), graph.Constant("k", [3L], 1)], ["likely", "labels"], [("axis", -1L), ("largest", 1L), ("sorted", 1L)]);
            var vectors = graph.Node("Gather", [graph.Constant("vectors", Random(Width * 4, 9), Width, 4), top[1]], null, ("axis", 0L));
            var sum = graph.Node("MatMul", [graph.Node("Unsqueeze", [top[0], graph.Constant("middle", [1L], 1)]), vectors]);
            return graph.Node("LpNormalization", [graph.Node("Squeeze", [sum, "middle"])], null, ("axis", -1L), ("p", 2L));
        },
    };

    public static TheoryData<string> Names => [.. Operators.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Every_rule_gives_what_finite_differences_give(string op) => Check(Operators[op]);

    [Fact]
    public void A_head_is_a_chain_of_them() => Check((graph, x) =>
    {
        var normed = graph.Node("BatchNormalization", [x, graph.Constant("scale", Random(Width, 3), Width), graph.Constant("bias", Random(Width, 4), Width), graph.Constant("mean", Random(Width, 5), Width), graph.Constant("variance", Positive(Width, 6), Width)]);
        var hidden = graph.Node("Relu", [graph.Node("Gemm", [normed, graph.Constant("w1", Random(16 * Width, 10), 16, Width)], null, ("transB", 1L))]);
        return graph.Node("LpNormalization", [graph.Node("Gemm", [hidden, graph.Constant("w2", Random(6 * 16, 11), 6, 16)], null, ("transB", 1L))], null, ("axis", -1L), ("p", 2L));
    });

    [Fact]
    public void An_operator_without_a_rule_is_an_error()
    {
        var graph = new GraphBuilder("test");
        var y = graph.Node("Erf", [graph.Input("x", "N", Width)]);
        var model = graph.Build();
        Assert.Contains("Erf has no gradient rule", Assert.Throws<NotSupportedException>(() => GradientGraph.Add(model.Graph, y, "x", ["x"])).Message);
        Assert.Contains("does not depend on", Assert.Throws<NotSupportedException>(() => GradientGraph.Add(model.Graph, "x", "x", [y])).Message);
    }

    /// <summary>x as N×8×2×1: each channel is a value and its half.</summary>
    private static string Maps(GraphBuilder graph, string x) =>
        graph.Node("Unsqueeze", [graph.Node("Concat", [graph.Node("Unsqueeze", [x, graph.Constant("at2", [2L], 1)]), graph.Node("Unsqueeze", [graph.Node("Mul", [x, graph.Constant("half", [0.5f], 1)]), "at2"])], null, ("axis", 2L)), graph.Constant("at3", [3L], 1)]);

    /// <summary>x as N×1×8×5: each row is a value times five numbers, plus something of each pixel's own.</summary>
    private static string Picture(GraphBuilder graph, string x)
    {
        var column = graph.Node("Unsqueeze", [x, graph.Constant("around", [1L, 3L], 2)]);
        return graph.Node("Add", [graph.Node("MatMul", [column, graph.Constant("row", Random(5, 15), 1, 1, 1, 5)]), graph.Constant("pixels", Random(Width * 5, 17), Width, 5)]);
    }

    private static void Check(Func<GraphBuilder, string, string> build)
    {
        var graph = new GraphBuilder("test");
        var y = build(graph, graph.Input("x", "N", Width));
        graph.Output(y, DataType.Float, "N", "M");
        var plain = graph.Build();
        float[] x = [.. Random(2 * Width, 20)];
        var values = Run(plain, y, x, null);
        var weights = Random(values.Length, 21);

        var model = plain.Clone();
        model.Graph.Input.Add(new ValueInfoProto(model.Graph.Output[0]) { Name = "weights" });
        var gradient = Assert.Single(GradientGraph.Add(model.Graph, y, "weights", ["x"]));
        model.Graph.Output.Add(new ValueInfoProto(model.Graph.Output[0]) { Name = gradient });
        var found = Run(model, gradient, x, weights);

        const float step = 2e-3f;
        for (var i = 0; i < x.Length; i++)
        {
            double Sum(float value)
            {
                float[] moved = [.. x];
                moved[i] = value;
                return Run(plain, y, moved, null).Zip(weights, (a, b) => (double)a * b).Sum();
            }
            Assert.Equal((Sum(x[i] + step) - Sum(x[i] - step)) / (2 * step), found[i], 3e-3);
        }
        Assert.Contains(found, value => Math.Abs(value) > 0.01);
    }

    private static float[] Run(ModelProto model, string output, float[] x, float[]? weights)
    {
        using var session = new InferenceSession(model.ToByteArray());
        using var input = OrtValue.CreateTensorValueFromMemory(x, [2, Width]);
        using var second = OrtValue.CreateTensorValueFromMemory(weights ?? [0f], [weights is null ? 1 : 2, weights is null ? 1 : weights.Length / 2]);
        using var options = new RunOptions();
        using var results = weights is null ? session.Run(options, ["x"], [input], [output]) : session.Run(options, ["x", "weights"], [input, second], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }

    private static float[] Positive(int count, int seed) => [.. Random(count, seed).Select(value => Math.Abs(value) + 0.1f)];
}
