using MLNet.Devise.Evaluation;
using MLNet.Devise.Onnx;
using MLNet.Devise.Reports;
using MLNet.Devise.Tests;
using MLNet.Devise.Tests.Evaluation;
using SkiaSharp;

namespace MLNet.Devise.Browser.Tests;

/// <summary>A report with all its parts, on drawn pictures and a network of a few numbers.</summary>
public sealed class DrawnReport : IDisposable
{
    private const int Dimension = 12;
    private const int Side = 32;

    private readonly TemporaryFolder _folder = new();

    public DrawnReport()
    {
        var drawn = Scenario.Random(seen: 6, unseen: 3, further: 2, Dimension, noise: 1) with { Stage1Accuracy = 0.81 };
        foreach (var (image, i) in drawn.Images.Select((image, i) => (image, i))) Draw(_folder["data", image.Path], i);
        var valid = drawn.Images.Where(image => drawn.Seen.Contains(image.Label) && image.Split == Data.Split.Valid).ToArray();
        using var heat = GradCam.Of(Network(), "a test", Side, Scoring.ImageScaling.Stock, Dimension, normalized: true, drawn.Labels);
        HtmlReport.Write(_folder["out"], new()
        {
            Title = "A report",
            Evaluation = Evaluator.Run(drawn with { Intervals = new() { Resamples = 100 } }),
            Labels = drawn.Labels,
            DataFolder = _folder["data"],
            History = [.. from stage in (int[])[1, 2] from epoch in (int[])[1, 2, 3] select new EpochRecord(stage, epoch < 3 ? "frozen" : "unfrozen", epoch, 2.0 / epoch, 2.2 / epoch, 0.2 * epoch, 1e-3, 90)],
            Classes = [.. drawn.Images.GroupBy(image => image.Label).Select(images => new ClassImages(images.Key, drawn.Seen.Contains(images.Key), images.Count(i => i.Split == Data.Split.Train), images.Count(i => i.Split == Data.Split.Valid), images.Count(i => i.Split == Data.Split.Test)))],
            Embeddings = new([.. valid.Select(image => image.Path)], [.. valid.Select(image => image.Label)], [.. Enumerable.Range(1, 3).Select(epoch => new EpochEmbeddings(epoch, [.. valid.Select((image, i) => Turned(image.Embedding, i, 3 - epoch))]))]),
            Heat = heat,
            ClassifierHeat = null,
            Facts = [new("Options", "seed", "0"), new("Versions", ".NET", "10")],
            Skipped = ["photo.jpg: corrupt: its header is damaged"],
        });
    }

    public string Path => _folder["out", HtmlReport.FileName];

    public void Dispose() => _folder.Dispose();

    private static float[] Turned(float[] embedding, int seed, float noise)
    {
        var random = new Random(seed);
        float[] moved = [.. embedding.Select(value => value + noise * (random.NextSingle() - 0.5f))];
        var length = MathF.Sqrt(moved.Sum(value => value * value));
        return [.. moved.Select(value => value / length)];
    }

    private static void Draw(string path, int seed)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(48, 40);
        bitmap.Erase(SKColor.FromHsl(37 * seed % 360, 40, 70));
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColor.FromHsl(53 * seed % 360, 70, 40) };
        canvas.DrawCircle(12 + seed % 24, 20, 9, paint);
        canvas.Flush();
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 85);
        File.WriteAllBytes(path, jpeg.ToArray());
    }

    private static ModelProto Network()
    {
        var (graph, random) = (new GraphBuilder("test"), new Random(1));
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var maps = graph.Node("Relu", [graph.Node("Conv", [graph.Input("image", "N", 3, Side, Side), graph.Constant("w", Values(8 * 3 * 16), 8, 3, 4, 4)], null, ("strides", new[] { 4L, 4L }), ("kernel_shape", new[] { 4L, 4L }))]);
        var pooled = graph.Node("Flatten", [graph.Node("Concat", [graph.Node("GlobalMaxPool", [maps]), graph.Node("GlobalAveragePool", [maps])], null, ("axis", 1L))], null, ("axis", 1L));
        graph.Node("LpNormalization", [graph.Node("Gemm", [pooled, graph.Constant("h", Values(Dimension * 16), Dimension, 16)], null, ("transB", 1L))], "embedding", ("axis", -1L), ("p", 2L));
        graph.Output("embedding", TensorProto.Types.DataType.Float, "N", Dimension);
        return graph.Build();
    }
}
