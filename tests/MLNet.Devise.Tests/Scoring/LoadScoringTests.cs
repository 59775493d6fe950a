using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>Saved chains: stock for others, our own operators for us.</summary>
public sealed class LoadScoringTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();
    private readonly ModelBundle _bundle;

    public LoadScoringTests() => _bundle = TinyBundle.Write(_folder["bundle"]);

    private sealed class PathRow { public string Path { get; set; } = ""; }
    private sealed class ImageRow { public string Path { get; set; } = ""; [ImageType(1, 1)] public MLImage? Photo { get; set; } }
    private sealed class BytesRow { public byte[] Path { get; set; } = []; }
    private sealed class Scored
    {
        public string Path { get; set; } = "";
        public string[] Labels { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }
    private sealed class StatusRow { public string Status { get; set; } = ""; }
    private sealed class RenamedRow { public float[] Vector { get; set; } = []; public string Copy { get; set; } = ""; }

    [Fact]
    public void A_bundle_and_its_zip_come_back_with_operators_that_bear_bad_files()
    {
        string[] paths = [Picture(1), _folder["missing.png"], Picture(2)];
        using var direct = _context.Transforms.ScoreImages(_bundle).Fit(Data());
        var expected = Read<Scored>(direct, paths);
        foreach (var path in (string[])[_bundle.Folder, _bundle.PipelinePath])
        {
            var loaded = _context.Model.LoadScoring(path, out var schema);
            Assert.NotNull(schema.GetColumnOrNull("Path"));
            Assert.Equal(["ok", "missing", "ok"], Read<StatusRow>(loaded, paths).Select(row => row.Status));
            Same(expected, Read<Scored>(loaded, paths));
            ((IDisposable)loaded).Dispose();
        }
    }

    [Fact]
    public void Other_labels_and_another_ranking_need_no_training()
    {
        var other = new LabelSpace(["new+a", "new+b", "new+c"], TinyBundle.Random(3 * TinyBundle.Dimension, 77));
        using var direct = _context.Transforms.ScoreImages(_bundle, new() { K = 3, Labels = other }).Fit(Data());
        using var loaded = (IDisposable)_context.Model.LoadScoring(_bundle.Folder, out _, new() { Labels = other });
        Same(Read<Scored>(direct, [Picture(1), Picture(2)]), Read<Scored>((ITransformer)loaded, [Picture(1), Picture(2)]));
        using var unknown = (IDisposable)_context.Model.LoadScoring(_bundle.Folder, out _, new() { K = 2, Ranking = new() { UnknownBelow = 2 } });
        Assert.Equal([["unknown", "unknown"]], Read<Scored>((ITransformer)unknown, [Picture(1)]).Select(row => row.Labels));
        var wrong = new LabelSpace(["a"], [1f, 0f]);
        Assert.Throws<DeviseInputException>(() => Read<Scored>(_context.Model.LoadScoring(_bundle.Folder, out _, new() { Labels = wrong }), [Picture(1)]));
    }

    [Fact]
    public void Operators_among_others_under_other_names_are_found_and_the_stock_model_gives_the_same()
    {
        var chain = _context.Transforms.CopyColumns("Copy", "Path")
            .Append(_context.Transforms.EmbedImages(_bundle, new() { InputColumnName = "Copy", EmbeddingColumnName = "Vector", Folder = _folder.Path, BadImageVector = BadImageVector.Zero, MaxPixels = 5000 }))
            .Append(_context.Transforms.NearestLabels(_bundle.Labels, new() { K = 2, EmbeddingColumnName = "Vector" }))
            .Append(_context.Transforms.CopyColumns("Again", "Vector"));
        using var model = chain.Fit(Data());
        _context.Model.Save(model, Data().Schema, _folder["model.zip"]);
        Picture(1);
        var expected = Read<Scored>(model, ["1.png"]);
        var stock = _context.Model.Load(_folder["model.zip"], out _);
        Assert.Null(stock.Transform(Data("1.png")).Schema.GetColumnOrNull(Columns.Status));
        Assert.DoesNotContain(stock.Transform(Data("1.png")).Schema, column => column.Name.Contains("pixels", StringComparison.Ordinal) && !column.IsHidden);
        Same(expected, Read<Scored>(stock, ["1.png"]));
        using var engine = _context.Model.CreatePredictionEngine<PathRow, Scored>(stock);
        Same(expected, [engine.Predict(new() { Path = "1.png" })]);

        using var ours = (IDisposable)_context.Model.LoadScoring(_folder["model.zip"], out _);
        Same(expected, Read<Scored>((ITransformer)ours, ["1.png"]));
        Assert.Equal(["missing"], Read<StatusRow>((ITransformer)ours, ["../1.png"]).Select(row => row.Status));
        Assert.All(Read<RenamedRow>((ITransformer)ours, ["no.png"])[0].Vector, value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_chain_over_images_is_saved_and_one_over_bytes_says_why_not()
    {
        // An image belongs to who reads it, so there are new ones for each reading.
        IDataView Images() => _context.Data.LoadFromEnumerable(Enumerable.Range(1, 4).Select(i => new ImageRow { Path = $"{i}", Photo = MLImage.CreateFromFile(Picture(i)) }).ToList());
        Scored[] Score(ITransformer scorer) => [.. _context.Data.CreateEnumerable<Scored>(scorer.Transform(Images()), false)];
        using var model = _context.Transforms.EmbedImages(_bundle, new() { InputColumnName = "Photo" }).Append(_context.Transforms.NearestLabels(_bundle.Labels)).Fit(Images());
        _context.Model.Save(model, Images().Schema, _folder["model.zip"]);
        var expected = Score(model);
        Same(expected, Score(_context.Model.Load(_folder["model.zip"], out _)));
        using var ours = (IDisposable)_context.Model.LoadScoring(_folder["model.zip"], out _);
        Same(expected, Score((ITransformer)ours));

        var bytes = _context.Data.LoadFromEnumerable<BytesRow>([]);
        using var overBytes = (IDisposable)_context.Transforms.EmbedImages(_bundle).Fit(bytes);
        var error = Assert.Throws<DeviseInputException>(() => _context.Model.Save((ITransformer)overBytes, bytes.Schema, _folder["no.zip"]));
        Assert.Contains("no transform of its own that decodes bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_without_our_operators_is_loaded_as_it_is()
    {
        var model = _context.Transforms.CopyColumns("Copy", "Path").Fit(Data());
        _context.Model.Save(model, Data().Schema, _folder["model.zip"]);
        Assert.Equal("x", _context.Data.CreateEnumerable<RenamedCopy>(_context.Model.LoadScoring(_folder["model.zip"], out _).Transform(Data("x")), false).Single().Copy);
    }

    [Fact]
    public void An_option_that_nothing_in_the_chain_takes_is_named()
    {
        void Save<T>(IEstimator<T> estimator, IDataView data) where T : class, ITransformer
        {
            var model = estimator.Fit(data);
            _context.Model.Save(model, data.Schema, _folder["model.zip"]);
            (model as IDisposable)?.Dispose();
        }
        string Refused(LoadScoringOptions options) => Assert.Throws<DeviseInputException>(() => _context.Model.LoadScoring(_folder["model.zip"], out _, options)).Message;
        LoadScoringOptions[] ranker = [new() { Labels = _bundle.Labels }, new() { K = 2 }, new() { Ranking = new() }];
        Save(_context.Transforms.CopyColumns("Copy", "Path"), Data());
        Assert.Contains("folder: no EmbedImages of this library in it", Refused(new() { Folder = _folder.Path }), StringComparison.Ordinal);
        foreach (var (options, name) in ranker.Zip((string[])["labels", "k", "ranking"])) Assert.Contains($"{name}: no NearestLabels of this library in it", Refused(options), StringComparison.Ordinal);
        Assert.NotNull(_context.Model.LoadScoring(_folder["model.zip"], out _, new() { Workers = 2 }));

        Save(_context.Transforms.EmbedImages(_bundle), Data());
        ((IDisposable)_context.Model.LoadScoring(_folder["model.zip"], out _, new() { Folder = _folder.Path })).Dispose();
        foreach (var options in ranker) Assert.Contains("no NearestLabels", Refused(options), StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_format_is_refused_by_name_and_damage_is_told()
    {
        Rewrite(bytes => Replace(bytes, "devise.operator.format\u0012\u00011", "devise.operator.format\u0012\u00012"));
        Assert.Contains("operator format version 2, this program reads 1; update MLNet.Devise", Fails(_folder["changed.zip"]), StringComparison.Ordinal);
        Rewrite(bytes => Replace(bytes, "\"Scaling\":\"Stock\"", "\"Scaling\":\"Stick\""));
        Assert.Contains("the settings of an operator are damaged", Fails(_folder["changed.zip"]), StringComparison.Ordinal);
        Assert.Contains("no such file", Fails(_folder["none.zip"]), StringComparison.Ordinal);
        Assert.Contains("cannot be read as a saved model", Fails(_folder.Write("text.zip", "no zip")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class RenamedCopy { public string Copy { get; set; } = ""; }

    private string Fails(string path) => Assert.Throws<DeviseInputException>(() => _context.Model.LoadScoring(path, out _)).Message;

    private void Rewrite(Func<byte[], byte[]> change)
    {
        File.Copy(_bundle.PipelinePath, _folder["changed.zip"], overwrite: true);
        using var zip = ZipFile.Open(_folder["changed.zip"], ZipArchiveMode.Update);
        foreach (var entry in zip.Entries.Where(entry => entry.Name == "OnnxModel").ToArray())
        {
            using var memory = new MemoryStream();
            using (var stream = entry.Open()) stream.CopyTo(memory);
            var name = entry.FullName;
            entry.Delete();
            using var target = zip.CreateEntry(name).Open();
            target.Write(change(memory.ToArray()));
        }
    }

    private static byte[] Replace(byte[] bytes, string from, string to) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace(from, to, StringComparison.Ordinal));

    private string Picture(int seed) => Pictures.Save(_folder[$"{seed}.png"], 20 + 7 * seed, 50 - 4 * seed, seed);

    private IDataView Data(params string[] paths) => _context.Data.LoadFromEnumerable(paths.Select(path => new PathRow { Path = path }).ToList());

    private T[] Read<T>(ITransformer model, string[] paths) where T : class, new() => [.. _context.Data.CreateEnumerable<T>(model.Transform(Data(paths)), reuseRowObject: false)];

    private static void Same(Scored[] expected, Scored[] found)
    {
        Assert.Equal(expected.Select(row => row.Path), found.Select(row => row.Path));
        Assert.Equal(expected.Select(row => row.Labels), found.Select(row => row.Labels));
        Assert.Equal(expected.SelectMany(row => row.Scores), found.SelectMany(row => row.Scores), (a, b) => float.IsNaN(a) ? float.IsNaN(b) : Math.Abs(a - b) < 1e-5f);
    }
}
