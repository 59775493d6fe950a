using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Tests.Scoring;

public sealed class ScoreImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();

    private sealed class PathRow { public string Path { get; set; } = ""; }
    private sealed class FileRow { public string File { get; set; } = ""; }

    private sealed class Scored
    {
        public string Status { get; set; } = "";
        public string Error { get; set; } = "";
        public string[] Labels { get; set; } = [];
        public float[] Scores { get; set; } = [];
        public float[] Similarity { get; set; } = [];
        [ColumnName("embedding")] public float[] Embedding { get; set; } = [];
    }

    [Fact]
    public void Bad_files_between_good_ones_cost_only_their_own_rows()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        string[] paths = [Picture(1), _folder["missing.png"], Picture(2), _folder.Write("text.jpg", "no image"), _folder.Write("empty.jpg", ""), Picture(3)];
        var rows = Score(bundle, paths);
        Assert.Equal(["ok", "missing", "ok", "unsupported", "corrupt", "ok"], rows.Select(row => row.Status));
        var alone = Score(bundle, [paths[0], paths[2], paths[5]]);
        Assert.Equal(alone.SelectMany(row => row.Scores), rows.Where(row => row.Status == "ok").SelectMany(row => row.Scores));
        foreach (var row in rows.Where(row => row.Status != "ok"))
        {
            Assert.NotEmpty(row.Error);
            Assert.All(row.Labels, label => Assert.Equal("", label));
            Assert.All([.. row.Scores, .. row.Similarity], score => Assert.True(float.IsNaN(score)));
        }
    }

    [Theory]
    [InlineData(ImageScaling.Stock), InlineData(ImageScaling.Antialiased)]
    public void Embeddings_equal_the_network_on_the_square_computed_by_hand(ImageScaling scaling)
    {
        var bundle = Write(_folder["bundle"], scaling);
        using var drawn = Pictures.Draw(77, 41, 5);
        var row = Assert.Single(Score(bundle, [Pictures.Save(_folder["a.png"], drawn)]));
        using var square = scaling.Square(drawn, TinyBundle.Size);
        var expected = TinyNetworkByHand(square);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], row.Embedding[i], 1e-5f);
    }

    [Fact]
    public void Labels_of_the_callers_own_and_k_are_honoured()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        var two = bundle.Labels.Select(["label+5", "label+2"]);
        var row = Assert.Single(Score(bundle, [Picture(1)], new() { K = 2, Labels = two }));
        Assert.Equal(["label+2", "label+5"], row.Labels.Order(StringComparer.Ordinal));
        Assert.Equal(2, row.Similarity.Length);
    }

    [Fact]
    public void Options_that_do_not_fit_the_bundle_are_refused()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        Assert.Throws<DeviseInputException>(() => _context.Transforms.ScoreImages(bundle, new() { K = 8 }));
        Assert.Throws<DeviseInputException>(() => _context.Transforms.ScoreImages(bundle, new() { IntraOpThreads = 0 }));
        var other = new LabelSpace(["a"], [1f, 2f, 3f]);
        var error = Assert.Throws<DeviseInputException>(() => _context.Transforms.ScoreImages(bundle, new() { K = 1, Labels = other }));
        Assert.StartsWith("labels: vectors of 3 values, the bundle's model gives 8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_takes_a_folder_and_another_path_column_and_serves_a_prediction_engine()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        Picture(1);
        var data = _context.Data.LoadFromEnumerable<FileRow>([]);
        using var model = _context.Transforms.ScoreImages(bundle, new() { PathColumnName = "File", Folder = _folder.Path }).Fit(data);
        using var engine = _context.Model.CreatePredictionEngine<FileRow, Scored>(model);
        var good = engine.Predict(new() { File = "1.png" });
        var bad = engine.Predict(new() { File = "../1.png" });
        var again = engine.Predict(new() { File = "1.png" });
        Assert.Equal(("ok", "missing"), (good.Status, bad.Status));
        Assert.Equal(good.Scores, again.Scores);
    }

    [Fact]
    public void It_promises_every_column_that_it_adds()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        var data = _context.Data.LoadFromEnumerable<PathRow>([]);
        var chain = _context.Transforms.ScoreImages(bundle);
        using var model = chain.Fit(data);
        string[] expected = ["Path", Columns.Embedding, Columns.Status, Columns.Error, Columns.Labels, Columns.Scores, Columns.Similarity, Columns.PredictedLabel, Columns.Score];
        Assert.Equal(expected.Order(), chain.GetOutputSchema(Workout.Shape(data.Schema)).Select(column => column.Name).Order());
        Assert.Equal(expected.Order(), model.GetOutputSchema(data.Schema).Select(column => column.Name).Order());
    }

    public void Dispose() => _folder.Dispose();

    private string Picture(int seed) => Pictures.Save(_folder[$"{seed}.png"], 20 + 7 * seed, 30 - 4 * seed, seed);

    private static ModelBundle Write(string folder, ImageScaling scaling) => ModelBundle.Write(
        folder, TinyBundle.Network(), TinyBundle.Space(), TinyBundle.Manifest() with { Scaling = scaling }, (onnx, zip) => StockPipeline.Save(onnx, TinyBundle.Space(), TinyBundle.Size, zip));

    private Scored[] Score(ModelBundle bundle, string[] paths, ScoreImagesOptions? options = null)
    {
        var data = _context.Data.LoadFromEnumerable(paths.Select(path => new PathRow { Path = path }).ToList());
        using var model = _context.Transforms.ScoreImages(bundle, options).Fit(data);
        return [.. _context.Data.CreateEnumerable<Scored>(model.Transform(data), reuseRowObject: false)];
    }

    /// <summary>Channel means of 4×4 blocks, red first, in 0..1; times the weights, plus the bias, to length 1.</summary>
    private static float[] TinyNetworkByHand(SKBitmap square)
    {
        var means = new double[48];
        for (var y = 0; y < 16; y++)
            for (var x = 0; x < 16; x++)
            {
                var pixel = square.GetPixel(x, y);
                var block = y / 4 * 4 + x / 4;
                means[block] += pixel.Red / 255.0 / 16;
                means[16 + block] += pixel.Green / 255.0 / 16;
                means[32 + block] += pixel.Blue / 255.0 / 16;
            }
        var (weights, bias) = (TinyBundle.Random(48 * TinyBundle.Dimension, 1), TinyBundle.Random(TinyBundle.Dimension, 2));
        var mapped = Enumerable.Range(0, TinyBundle.Dimension).Select(j => bias[j] + Enumerable.Range(0, 48).Sum(i => means[i] * weights[i * TinyBundle.Dimension + j])).ToArray();
        var length = Math.Sqrt(mapped.Sum(value => value * value));
        return [.. mapped.Select(value => (float)(value / length))];
    }
}
