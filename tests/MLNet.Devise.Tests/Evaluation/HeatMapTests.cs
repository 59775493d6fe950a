using MLNet.Devise.Data.Sample;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
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
    public void A_map_is_laid_where_its_cells_see()
    {
        // 3 cells of 64 pixels as SqueezeNet's windows place them: their middles are 16 pixels apart, not 21.
        var map = new HeatMap(1, 3, 3, [4, 0, 0, 0, 0, 0, 0, 0, 2]) { Places = (new(3, 16, 15.5), 64) };
        var (resized, larger) = (map.Resized(64, 64), map.Resized(128, 128));
        Assert.Equal(1, resized[15 * 64 + 15]);
        Assert.Equal(0.5f, resized[15 * 64 + 23]);
        Assert.Equal(0, resized[15 * 64 + 31]);
        Assert.Equal(0.5f, resized[47 * 64 + 47]);
        Assert.Equal(1 - 7.5f / 32, larger[30 * 128 + 38]);
    }

    [Fact]
    public void A_map_without_heat_stays_cold() => Assert.All(new HeatMap(0, 2, 2, [0, 0, 0, 0]).Resized(4, 4), value => Assert.Equal(0, value));

    [Theory, InlineData(false), InlineData(true)]
    public void Heat_of_a_network_that_knows_colours_lies_in_the_box_of_the_thing_drawn(bool coarse)
    {
        using var folder = new TemporaryFolder();
        var sample = DrawnSample.Write(folder["sample"], new() { ImagesPerClass = 1, Size = 96 });
        using var cam = GradCam.Of(Colours(96, coarse), "a test", 96, MLNet.Devise.Scoring.ImageScaling.Stock, 3, normalized: true);
        Assert.Equal(coarse ? 3 : null, cam.TooCoarse);
        var shares = new List<double>();
        foreach (var box in DrawnBoxes.Read(sample.Folder).Where(box => box.Path.Contains("/red+", StringComparison.Ordinal) || box.Path.Contains("/green+", StringComparison.Ordinal) || box.Path.Contains("/blue+", StringComparison.Ordinal)))
        {
            float[] direction = box.Path.Contains("/red+", StringComparison.Ordinal) ? [1, 0, 0] : box.Path.Contains("/green+", StringComparison.Ordinal) ? [0, 1, 0] : [0, 0, 1];
            var heat = cam.Explain(Path.Combine(sample.Folder, box.Path), direction)!;
            Assert.Equal(12, heat.Width);
            shares.Add(heat.ShareInside(box.Box, 96));
        }
        Assert.True(shares.Count >= 18);
        Assert.True(shares.Average() > 0.95, $"{shares.Average():F3}");
        // The same heat against a box elsewhere.
        var elsewhere = new HeatMap(1, 4, 4, [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(1, elsewhere.ShareInside(new(0, 0, 48, 48), 96));
        Assert.Equal(0, elsewhere.ShareInside(new(48, 48, 96, 96), 96));
    }

    [Fact]
    public void A_cosine_of_1_has_heat_too()
    {
        // A red block and nothing else: the output is along red already, and no pixel could raise its cosine.
        using var cam = GradCam.Of(Colours(96, coarse: false, neutral: 0), "a test", 96, MLNet.Devise.Scoring.ImageScaling.Stock, 3, normalized: true);
        var heat = cam.Explain(RedBlock(96), [1, 0, 0]);
        Assert.Equal(1, heat.Score, 1e-6f);
        Assert.Equal([2 * 12 + 1], Enumerable.Range(0, 144).Where(cell => heat.Values[cell] > 0));
    }

    [Fact]
    public void What_all_labels_share_has_no_heat()
    {
        // Both labels are red at length 0.8; what they do not share is green and blue.
        var labels = new LabelSpace(["red+green", "red+blue"], [0.8f, 0.6f, 0, 0.8f, 0, 0.6f]);
        var network = Colours(96, coarse: false);
        using var named = GradCam.Of(network, "a test", 96, MLNet.Devise.Scoring.ImageScaling.Stock, 3, normalized: true, labels);
        using var plain = GradCam.Of(network, "a test", 96, MLNet.Devise.Scoring.ImageScaling.Stock, 3, normalized: true);
        var pixels = RedBlock(96);
        for (var i = 8 * 96; i < 16 * 96; i++) pixels[96 * 96 + i] = 1; // rows of green
        var (heat, whole) = (named.Explain(pixels, labels.Vector(0).ToArray()), plain.Explain(pixels, labels.Vector(0).ToArray()));
        Assert.Equal(whole.Score, heat.Score);
        Assert.Contains(whole.Values, value => value > 0);
        Assert.True(whole.Values[2 * 12 + 1] > 0);
        Assert.Equal(0, heat.Values[2 * 12 + 1]);
        Assert.Equal(plain.Explain(pixels, [0, 0.3f, -0.3f]).Values, heat.Values);
        Assert.True(heat.Values[12 + 5] > 0);

        // With one label alone nothing is common.
        using var alone = GradCam.Of(network, "a test", 96, MLNet.Devise.Scoring.ImageScaling.Stock, 3, normalized: true, labels.Select(["red+green"]));
        Assert.Equal(whole.Values, alone.Explain(pixels, labels.Vector(0).ToArray()).Values);
    }

    /// <summary>Black, the block in the third row and second column red.</summary>
    private static float[] RedBlock(int side)
    {
        var pixels = new float[3 * side * side];
        for (var y = 16; y < 24; y++) pixels.AsSpan(y * side + 8, 8).Fill(1);
        return pixels;
    }

    /// <summary>Three maps: how much redder, greener or bluer than the rest each block of 8×8 pixels is. Coarse: of 4×4 of these blocks the most.</summary>
    private static ModelProto Colours(int side, bool coarse, float neutral = 0.3f)
    {
        var graph = new GraphBuilder("test");
        float[] weights = new float[3 * 3];
        for (var map = 0; map < 3; map++)
            for (var channel = 0; channel < 3; channel++) weights[map * 3 + channel] = map == channel ? 1 : -0.5f;
        var colours = graph.Node("Conv", [graph.Input("image", "N", 3, side, side), graph.Constant("w", weights, 3, 3, 1, 1), graph.Constant("b", [-0.15f, -0.15f, -0.15f], 3)], null, ("kernel_shape", new[] { 1L, 1L }));
        var maps = graph.Node("AveragePool", [graph.Node("Relu", [colours])], null, ("kernel_shape", new[] { 8L, 8L }), ("strides", new[] { 8L, 8L }));
        if (coarse) maps = graph.Node("MaxPool", [maps], null, ("kernel_shape", new[] { 4L, 4L }), ("strides", new[] { 4L, 4L }));
        var pooled = graph.Node("Concat", [graph.Node("GlobalMaxPool", [maps]), graph.Node("GlobalAveragePool", [maps])], null, ("axis", 1L));
        graph.Node("LpNormalization", [graph.Node("Gemm", [graph.Node("Flatten", [pooled], null, ("axis", 1L)), graph.Constant("h", [1f, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1], 3, 6), graph.Constant("c", [neutral, neutral, neutral], 3)], null, ("transB", 1L))], "embedding", ("axis", -1L), ("p", 2L));
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
