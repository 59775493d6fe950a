using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Devise.Tests.Scoring;

public sealed class ScoreImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();

    private sealed class Paths { public string Path { get; set; } = ""; }

    private sealed class Scored
    {
        public string Path { get; set; } = "";
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
        string[] paths = [Pictures.Save(_folder["a.png"]), _folder["missing.png"], Pictures.Save(_folder["b.png"], 40, 30, 2), _folder.Write("text.jpg", "no image"), _folder.Write("empty.jpg", ""), Pictures.Save(_folder["c.png"], 16, 16, 3)];
        var data = _context.Data.LoadFromEnumerable(paths.Select(path => new Paths { Path = path }));
        using var model = _context.Transforms.ScoreImages(bundle).Fit(data);
        var rows = _context.Data.CreateEnumerable<Scored>(model.Transform(data), reuseRowObject: false).ToArray();
        Assert.Equal(["ok", "missing", "ok", "unsupported", "corrupt", "ok"], rows.Select(row => row.Status));
        foreach (var row in rows) Assert.Equal(5, row.Labels.Length);
    }

    public void Dispose() => _folder.Dispose();
}
