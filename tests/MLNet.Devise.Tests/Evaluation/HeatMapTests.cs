using MLNet.Devise.Data.Sample;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Onnx;
using MLNet.Devise.Reports.Pages;
using SkiaSharp;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class HeatMapTests
{
    [Fact]
    public void A_resized_map_has_its_cells_values_in_their_middles_and_lines_between()
    {
        var map = new HeatMap(1, 2, 2, [0, 4, 0, 2]);
        var resized = map.Resized(8, 4);
        Assert.Equal(1, resized[7]);
        Assert.Equal(0, resized[0]);
        Assert.Equal(0.5f, resized[3 * 8 + 7]);
        for (var y = 0; y < 4; y++)
            for (var x = 1; x < 8; x++) Assert.True(resized[y * 8 + x] >= resized[y * 8 + x - 1]);
        Assert.Equal([0, 1, 0, 0.5f], map.Resized(2, 2));
    }

    [Fact]
    public void A_map_without_heat_stays_cold() => Assert.All(new HeatMap(0, 2, 2, [0, 0, 0, 0]).Resized(4, 4), value => Assert.Equal(0, value));

    [Fact]
    public void Heat_of_a_network_that_knows_colours_lies_in_the_box_of_the_thing_drawn()
    {
        using var folder = new TemporaryFolder();
        var sample = DrawnSample.Write(folder["sample"], new() { ImagesPerClass = 1, Size = 96 });
        using var cam = GradCam.Of(Colours(96), "a test", 96, MLNet.Devise.Scoring.ImageScaling.Stock, 3, normalized: true);
        var shares = new List<double>();
        foreach (var box in DrawnBoxes.Read(sample.Folder).Where(box => box.Path.Contains("/red+", StringComparison.Ordinal) || box.Path.Contains("/green+", StringComparison.Ordinal) || box.Path.Contains("/blue+", StringComparison.Ordinal)))
        {
            float[] direction = box.Path.Contains("/red+", StringComparison.Ordinal) ? [1, 0, 0] : box.Path.Contains("/green+", StringComparison.Ordinal) ? [0, 1, 0] : [0, 0, 1];
            shares.Add(cam.Explain(Path.Combine(sample.Folder, box.Path), direction)!.ShareInside(box.Box, 96));
        }
        Assert.True(shares.Count >= 18);
        Assert.True(shares.Average() > 0.95, $"{shares.Average():F3}");
        // The same heat against a box elsewhere.
        var elsewhere = new HeatMap(1, 4, 4, [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(1, elsewhere.ShareInside(new(0, 0, 48, 48), 96));
        Assert.Equal(0, elsewhere.ShareInside(new(48, 48, 96, 96), 96));
    }

    /// <summary>Three maps: how much redder, greener or bluer than the rest each block of 8×8 pixels is.</summary>
    private static ModelProto Colours(int side)
    {
        var graph = new GraphBuilder("test");
        float[] weights = new float[3 * 3];
        for (var map = 0; map < 3; map++)
            for (var channel = 0; channel < 3; channel++) weights[map * 3 + channel] = map == channel ? 1 : -0.5f;
        var colours = graph.Node("Conv", [graph.Input("image", "N", 3, side, side), graph.Constant("w", weights, 3, 3, 1, 1), graph.Constant("b", [-0.15f, -0.15f, -0.15f], 3)], null, ("kernel_shape", new[] { 1L, 1L }));
        var maps = graph.Node("AveragePool", [graph.Node("Relu", [colours])], null, ("kernel_shape", new[] { 8L, 8L }), ("strides", new[] { 8L, 8L }));
        var pooled = graph.Node("Concat", [graph.Node("GlobalMaxPool", [maps]), graph.Node("GlobalAveragePool", [maps])], null, ("axis", 1L));
        graph.Node("LpNormalization", [graph.Node("Gemm", [graph.Node("Flatten", [pooled], null, ("axis", 1L)), graph.Constant("h", [1f, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1], 3, 6), graph.Constant("c", [0.3f, 0.3f, 0.3f], 3)], null, ("transB", 1L))], "embedding", ("axis", -1L), ("p", 2L));
        graph.Output("embedding", TensorProto.Types.DataType.Float, "N", 3);
        return graph.Build();
    }

    [Fact]
    public void The_overlay_grows_lighter_with_the_heat()
    {
        using var grey = new SKBitmap(40, 10);
        grey.Erase(new SKColor(90, 90, 90));
        using var overlay = HeatOverlay.Of(grey, new(1, 4, 1, [0, 1, 2, 3]));
        var light = Enumerable.Range(0, 40).Select(x => overlay.GetPixel(x, 5)).Select(p => 0.2126 * p.Red + 0.7152 * p.Green + 0.0722 * p.Blue).ToArray();
        Assert.All(light.Zip(light.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 1));
        Assert.True(light[^1] > 2 * light[0]);
    }
}
