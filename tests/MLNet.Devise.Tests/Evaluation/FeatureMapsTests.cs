using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Evaluation.Heat;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Tests.Evaluation;

/// <summary>Where cells lie, against what a network's cells see when one row of an image is lit after another.</summary>
public sealed class FeatureMapsTests
{
    private const int Side = 47;

    public static TheoryData<string, long[][]> Chains => new()
    {
        // window, stride, padding, dilation, rounding up; without a window only padding
        { "SqueezeNet 1.1", [[3, 2, 0, 1, 0], [3, 2, 0, 1, 1], [3, 1, 1, 1, 0], [3, 2, 0, 1, 1]] },
        { "ResNet", [[7, 2, 3, 1, 0], [3, 2, 1, 1, 0], [3, 2, 1, 1, 0]] },
        { "blocks", [[8, 8, 0, 1, 0]] },
        { "padded first", [[0, 0, 2, 0, 0], [3, 2, 0, 1, 0]] },
        { "dilated, overhanging", [[3, 1, 0, 2, 0], [2, 3, 1, 1, 1]] },
    };

    [Theory, MemberData(nameof(Chains))]
    public void Cells_lie_in_the_middle_of_what_they_see(string name, long[][] chain)
    {
        var graph = new GraphBuilder(name);
        var x = graph.Input("image", "N", 1, Side, Side);
        foreach (var (layer, i) in chain.Select((layer, i) => (layer, i)))
        {
            var (window, stride, padding, dilation) = (layer[0], layer[1], layer[2], layer[3]);
            if (window == 0)
            {
                x = graph.Node("Pad", [x, graph.Constant($"pads{i}", [0, 0, padding, padding, 0, 0, padding, padding], 8)]);
                continue;
            }
            (string, object)[] settings = [("kernel_shape", new[] { window, window }), ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding }), ("dilations", new[] { dilation, dilation })];
            var ones = Enumerable.Repeat(1f, (int)(window * window)).ToArray();
            x = layer[4] == 1 ? graph.Node("MaxPool", [x], null, [.. settings, ("ceil_mode", 1L)]) : graph.Node("Relu", [graph.Node("Conv", [x, graph.Constant($"w{i}", ones, 1, 1, window, window)], null, settings)]);
        }
        graph.Output(x, DataType.Float, "N", 1, "h", "w");
        var model = graph.Build();
        var (last, drawn) = FeatureMaps.Of(model.Graph, x, fewest: 1);
        Assert.Equal(last, drawn);
        var grid = last.Grid!.Value;

        // Which rows each cell sees: those that light it.
        // ONNX Runtime's guess at a size may be a cell too large, which it warns of.
        using var quiet = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model.ToByteArray(), quiet);
        var seen = Enumerable.Range(0, grid.Cells).Select(_ => new List<int>()).ToArray();
        for (var row = 0; row < Side; row++)
        {
            var pixels = new float[Side * Side];
            pixels.AsSpan(row * Side, Side).Fill(1);
            using var image = OrtValue.CreateTensorValueFromMemory(pixels, [1, 1, Side, Side]);
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            using var results = session.Run(options, ["image"], [image], [x]);
            Assert.Equal([1, 1, grid.Cells, grid.Cells], results[0].GetTensorTypeAndShape().Shape);
            var values = results[0].GetTensorDataAsSpan<float>();
            for (var cell = 0; cell < grid.Cells; cell++)
                if (values[cell * grid.Cells + grid.Cells / 2] > 0) seen[cell].Add(row);
        }
        var inside = 0;
        foreach (var (rows, cell) in seen.Select((rows, cell) => (rows, cell)).Where(pair => pair.rows[0] > 0 && pair.rows[^1] < Side - 1))
        {
            Assert.Equal(rows.Average() + 0.5, grid.First + cell * grid.Step, 1e-9);
            inside++;
        }
        Assert.True(inside > 0);
    }

    [Fact]
    public void The_map_drawn_is_the_deepest_with_enough_cells_that_all_goes_through()
    {
        // 32 → 15 → two branches of 15 → 7 → 3; a branch alone does not tell all.
        var graph = new GraphBuilder("test");
        var ones = graph.Constant("w", Enumerable.Repeat(1f, 9).ToArray(), 1, 1, 3, 3);
        var twos = graph.Constant("v", Enumerable.Repeat(1f, 18).ToArray(), 1, 2, 3, 3);
        string Halved(string x, string kernel) => graph.Node("Conv", [x, kernel], null, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }));
        var stem = Halved(graph.Input("image", "N", 1, 32, 32), ones);
        var joined = graph.Node("Concat", [graph.Node("Relu", [stem]), graph.Node("Identity", [stem])], attributes: ("axis", 1L));
        var middle = graph.Node("Relu", [Halved(joined, twos)]);
        var last = Halved(middle, ones);
        var model = graph.Build().Graph;
        (string, int?) Drawn(int fewest) => FeatureMaps.Of(model, last, fewest).Drawn is var maps ? (maps.Value, maps.Grid?.Cells) : default;
        Assert.Equal((last, 3), Drawn(3));
        Assert.Equal((middle, 7), Drawn(4));
        Assert.Equal((joined, 15), Drawn(8));
        Assert.Equal((joined, 15), Drawn(15));
        Assert.Equal((last, 3), Drawn(16));
        Assert.Equal(3, FeatureMaps.Of(model, last, 6).Last.Grid?.Cells);
    }

    [Fact]
    public void Where_places_are_not_known_the_last_map_is_drawn()
    {
        var graph = new GraphBuilder("test");
        var moved = graph.Node("Transpose", [graph.Input("image", "N", 1, 32, 32)], null, ("perm", new[] { 0L, 1, 3, 2 }));
        var last = graph.Node("MaxPool", [moved], null, ("kernel_shape", new[] { 8L, 8L }), ("strides", new[] { 8L, 8L }));
        Assert.Equal(new(last, null), FeatureMaps.Of(graph.Build().Graph, last, 6).Drawn);
    }
}
