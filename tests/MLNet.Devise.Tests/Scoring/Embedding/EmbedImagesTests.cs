using System.Drawing;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring.Embedding;

public sealed class EmbedImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();
    private readonly ModelBundle _bundle;

    public EmbedImagesTests() => _bundle = TinyBundle.Write(_folder["bundle"]);

    private sealed class PathRow { public string Path { get; set; } = ""; }
    private sealed class NumberRow { public float Path { get; set; } }
    private sealed class BytesRow { public string Path { get; set; } = ""; public byte[] File { get; set; } = []; }
    private sealed class ImageRow { public string Path { get; set; } = ""; [ImageType(1, 1)] public MLImage? Image { get; set; } }
    private sealed class EmbeddedImage
    {
        public string Status { get; set; } = "";
        [ColumnName("embedding")] public float[] Embedding { get; set; } = [];
        [ImageType(1, 1)] public MLImage? Image { get; set; }
    }
    private sealed class Embedded
    {
        public string Status { get; set; } = "";
        public string Error { get; set; } = "";
        [ColumnName("embedding")] public float[] Embedding { get; set; } = [];
    }

    [Fact]
    public void It_behaves_as_a_transformer_of_ML_NETs_own_over_paths_and_bytes()
    {
        string[] paths = [Picture(1), _folder["missing.png"], Picture(2), Picture(3), _folder.Write("text.png", "text"), Picture(4), Picture(5)];
        foreach (var options in (EmbedImagesOptions[])[new(), new() { Workers = 3, BatchSize = 2 }, new() { Workers = 1, BatchSize = 1, IntraOpThreads = 2 }])
        {
            Workout.Run<VBuffer<float>>(_context.Transforms.EmbedImages(_bundle, options), Data(paths), Columns.Embedding);
            Workout.Run<ReadOnlyMemory<char>>(_context.Transforms.EmbedImages(_bundle, options), Data(paths), Columns.Status);
            Workout.Run<VBuffer<float>>(_context.Transforms.EmbedImages(_bundle, options with { InputColumnName = "File" }), Bytes(paths), Columns.Embedding);
        }
    }

    [Fact]
    public void Paths_bytes_and_images_of_the_same_pictures_have_the_same_embeddings()
    {
        string[] paths = [.. Enumerable.Range(1, 9).Select(Picture)];
        var expected = Embed(Data(paths), new()).Select(row => row.Embedding).ToArray();
        Assert.Equal(expected, Embed(Bytes(paths), new() { InputColumnName = "File" }).Select(row => row.Embedding));
        Assert.Equal(expected, Embed(Images(paths), new() { InputColumnName = "Image" }).Select(row => row.Embedding));
    }

    [Fact]
    public void Images_in_memory_stay_their_owners_and_are_embedded_as_often_as_one_likes()
    {
        ImageRow[] rows = [.. Enumerable.Range(1, 9).Select(i => new ImageRow { Path = $"{i}", Image = MLImage.CreateFromFile(Picture(i)) })];
        var data = _context.Data.LoadFromEnumerable(rows);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { InputColumnName = "Image", Workers = 2, BatchSize = 2 }).Fit(data);
        var view = ((ITransformer)model).Transform(data);
        var first = _context.Data.CreateEnumerable<EmbeddedImage>(view, reuseRowObject: false).ToArray();
        var second = _context.Data.CreateEnumerable<EmbeddedImage>(view, reuseRowObject: false).ToArray();
        Assert.Equal(rows.Select(row => row.Image!.Pixels.ToArray()), first.Select(row => row.Image!.Pixels.ToArray()));
        Assert.Equal(first.Select(row => row.Embedding), second.Select(row => row.Embedding));
        using var engine = _context.Model.CreatePredictionEngine<ImageRow, EmbeddedImage>((ITransformer)model, new PredictionEngineOptions { OwnsTransformer = false });
        foreach (var row in rows.Concat(rows)) Assert.Equal("ok", engine.Predict(row).Status);
    }

    [Fact]
    public void Images_that_another_transformer_loads_are_read_as_often_as_one_likes()
    {
        var data = Data(Picture(1), _folder["missing.png"], Picture(2));
        var images = _context.Transforms.LoadPhotos(new() { StatusColumnName = "LoadStatus", ErrorColumnName = "LoadError" }).Fit(data).Transform(data);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { InputColumnName = Columns.Photo }).Fit(images);
        var view = ((ITransformer)model).Transform(images);
        Assert.Equal(["ok", "missing", "ok"], view.GetColumn<string>(Columns.Status));
        Assert.Equal(Embed(data, new()).Select(row => row.Embedding), view.GetColumn<float[]>(Columns.Embedding));
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<MLImage>(view.Schema[Columns.Photo]);
        MLImage first = null!, second = null!;
        Assert.True(cursor.MoveNext());
        getter(ref first);
        getter(ref second);
        Assert.NotSame(first, second);
        first.Dispose();
        Assert.Equal((17, 37), (second.Width, second.Height));
        second.Dispose();
    }

    [Theory]
    [InlineData(1, 1), InlineData(2, 3), InlineData(8, 2), InlineData(3, 100)]
    public void Batches_give_what_one_image_at_a_time_gives(int workers, int batch)
    {
        string[] paths = [.. Enumerable.Range(0, 50).Select(i => i % 6 == 2 ? _folder[$"no{i}.png"] : Picture(i))];
        var options = new EmbedImagesOptions { Workers = workers, BatchSize = batch };
        var rows = Embed(Data(paths), options);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, options).Fit(Data());
        using var engine = _context.Model.CreatePredictionEngine<PathRow, Embedded>((ITransformer)model, new PredictionEngineOptions { OwnsTransformer = false });
        for (var i = 0; i < paths.Length; i++)
        {
            var alone = engine.Predict(new() { Path = paths[i] });
            Assert.Equal((alone.Status, alone.Error), (rows[i].Status, rows[i].Error));
            Assert.Equal(alone.Embedding, rows[i].Embedding, (a, b) => float.IsNaN(a) ? float.IsNaN(b) : Math.Abs(a - b) < 1e-6f);
        }
    }

    [Theory]
    [InlineData(BadImageVector.NaN, float.NaN), InlineData(BadImageVector.Zero, 0f)]
    public void A_bad_row_is_kept_with_status_reason_and_the_vector_asked_for(BadImageVector vector, float value)
    {
        string[] paths = [Picture(1), _folder["missing.png"], _folder.Write("text.png", "text"), _folder.Write("empty.jpg", ""), Cut(), "", "../a.png"];
        var rows = Embed(Data(paths), new() { BadImageVector = vector, Folder = _folder.Path });
        Assert.Equal(["ok", "missing", "unsupported", "corrupt", "corrupt", "missing", "missing"], rows.Select(row => row.Status));
        Assert.Equal("", rows[0].Error);
        Assert.Contains("leads outside", rows[6].Error, StringComparison.Ordinal);
        foreach (var row in rows[1..])
        {
            Assert.NotEmpty(row.Error);
            Assert.All(row.Embedding, found => Assert.Equal(value, found));
        }
    }

    [Fact]
    public void More_pixels_than_the_limit_are_too_large_for_files_bytes_and_images_alike()
    {
        string[] paths = [Pictures.Save(_folder["a.png"], 20, 20), Pictures.Save(_folder["b.png"], 20, 21)];
        foreach (var (data, column) in new[] { (Data(paths), "Path"), (Bytes(paths), "File"), (Images(paths), "Image") })
        {
            var rows = Embed(data, new() { InputColumnName = column, MaxPixels = 400 });
            Assert.Equal(["ok", "too-large"], rows.Select(row => row.Status));
            Assert.Equal("20×21 pixels, at most 0.0004 megapixels", rows[1].Error);
        }
    }

    [Fact]
    public void Throwing_names_row_file_and_cure_after_the_rows_before_it()
    {
        var data = Data(Picture(1), Picture(2), _folder["missing.png"], Picture(3));
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { BadImages = BadImagePolicy.Throw }).Fit(data);
        var view = ((ITransformer)model).Transform(data);
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());
        Assert.True(cursor.MoveNext());
        var error = Assert.Throws<DeviseInputException>(() => cursor.MoveNext());
        Assert.Matches("^row 2: '.*missing.png' is missing: no such file; mend or leave out the image, or keep bad rows", error.Message);
        using var engine = _context.Model.CreatePredictionEngine<PathRow, Embedded>((ITransformer)model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.Throws<DeviseInputException>(() => engine.Predict(new() { Path = "no.png" }));
    }

    [Fact]
    public void Transparent_pixels_lie_on_the_background_chosen()
    {
        using var drawn = Pictures.Draw(16, 16, 3, transparent: true);
        var path = Pictures.Save(_folder["a.png"], drawn);
        using var red = Pictures.Draw(16, 16, 3);
        for (var y = 0; y < 16; y++)
            for (var x = 8; x < 16; x++) red.SetPixel(x, y, new(255, 0, 0));
        var expected = Embed(Data(Pictures.Save(_folder["red.png"], red)), new());
        var options = new EmbedImagesOptions { Background = Color.Red };
        Assert.Equal(expected[0].Embedding, Embed(Data(path), options)[0].Embedding);
        Assert.NotEqual(expected[0].Embedding, Embed(Data(path), new())[0].Embedding);
        Assert.Equal(expected[0].Embedding, Embed(Images(path), options with { InputColumnName = "Image" })[0].Embedding);
    }

    [Fact]
    public void A_missing_column_and_a_wrong_type_are_named()
    {
        var estimator = _context.Transforms.EmbedImages(_bundle, new() { InputColumnName = "File" });
        Assert.Equal("column 'File': not among the columns Path, expected String (paths), Image, or Vector<Byte> (files)", Assert.Throws<DeviseInputException>(() => estimator.Fit(Data())).Message);
        var number = _context.Data.LoadFromEnumerable<NumberRow>([]);
        Assert.StartsWith("column 'Path': Single, expected String (paths)", Assert.Throws<DeviseInputException>(() => _context.Transforms.EmbedImages(_bundle).Fit(number)).Message, StringComparison.Ordinal);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle).Fit(Data());
        Assert.Throws<DeviseInputException>(() => ((ITransformer)model).Transform(number));
    }

    [Fact]
    public void Options_are_checked_where_they_are_given()
    {
        foreach (var wrong in (EmbedImagesOptions[])
            [new() { Workers = 0 }, new() { IntraOpThreads = 2000 }, new() { BatchSize = 0 }, new() { MaxPixels = 0 }, new() { MaxPixels = 500_000_001 }, new() { Folder = _folder["none"] }, new() { EmbeddingColumnName = " " },
             new() { StatusColumnName = "Path" }, new() { BadImages = (BadImagePolicy)7 }, new() { BadImageVector = (BadImageVector)7 }])
            Assert.Throws<DeviseInputException>(() => _context.Transforms.EmbedImages(_bundle, wrong));
    }

    public void Dispose() => _folder.Dispose();

    private string Picture(int seed) => Pictures.Save(_folder[$"{seed}.png"], 10 + 7 * (seed % 11), 40 - 3 * (seed % 12), seed);

    private string Cut()
    {
        var whole = File.ReadAllBytes(Pictures.Save(_folder["cut.jpg"], 64, 64));
        File.WriteAllBytes(_folder["cut.jpg"], whole[..(whole.Length / 2)]);
        return _folder["cut.jpg"];
    }

    private IDataView Data(params string[] paths) => _context.Data.LoadFromEnumerable(paths.Select(path => new PathRow { Path = path }).ToList());

    private IDataView Bytes(params string[] paths) =>
        _context.Data.LoadFromEnumerable(paths.Select(path => new BytesRow { Path = path, File = File.Exists(path) ? File.ReadAllBytes(path) : [] }).ToList());

    private IDataView Images(params string[] paths) => _context.Data.LoadFromEnumerable(paths.Select(path => new ImageRow { Path = path, Image = MLImage.CreateFromFile(path) }).ToList());

    private Embedded[] Embed(IDataView data, EmbedImagesOptions options)
    {
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, options).Fit(data);
        return [.. _context.Data.CreateEnumerable<Embedded>(((ITransformer)model).Transform(data), reuseRowObject: false)];
    }
}
