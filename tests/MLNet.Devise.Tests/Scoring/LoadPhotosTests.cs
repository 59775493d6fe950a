using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring;

public sealed class LoadPhotosTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();

    private sealed class PathRow { public string Path { get; set; } = ""; }
    private sealed class None;
    private sealed class NumberRow { public float Path { get; set; } }
    private sealed class OtherRow { public string File { get; set; } = ""; }
    private sealed class StatusRow
    {
        public string Status { get; set; } = "";
        public string Error { get; set; } = "";
    }

    [Theory]
    [InlineData(null)]
    [InlineData(16)]
    public void It_behaves_as_a_transformer_of_ML_NETs_own(int? side)
    {
        var data = Data(Pictures.Save(_folder["a.png"], 20, 30), _folder["missing.png"], Pictures.Save(_folder["b.png"], 31, 17, 2), Pictures.Save(_folder["c.png"], 16, 16, 3));
        Workout.Run<MLImage>(_context.Transforms.LoadPhotos(new() { Side = side }), data, Columns.Photo);
        Workout.Run<ReadOnlyMemory<char>>(_context.Transforms.LoadPhotos(new() { Side = side }), data, Columns.Status);
    }

    [Fact]
    public void A_bad_file_has_a_null_image_a_status_and_a_reason_beside_good_ones()
    {
        var data = Data(Pictures.Save(_folder["a.png"]), _folder["missing.png"], _folder.Write("text.png", "text"), "", "bad\0path", Pictures.Save(_folder["b.png"]));
        var view = _context.Transforms.LoadPhotos().Fit(data).Transform(data);
        Assert.Equal(["ok", "missing", "unsupported", "missing", "missing", "ok"], Statuses(view).Select(row => row.Status));
        Assert.Equal(["", "no such file", "not an image format that can be read (JPEG, PNG, WebP, GIF, BMP)", "the path is empty or not a path", "the path is empty or not a path", ""], Statuses(view).Select(row => row.Error));
        Assert.Equal([false, true, true, true, true, false], Workout.Rows<MLImage>(view, Columns.Photo).Select(row => row.Value == "null"));
    }

    [Fact]
    public void The_image_has_the_photos_pixels_and_whoever_asks_twice_gets_two()
    {
        using var drawn = Pictures.Draw(20, 30, 4);
        var data = Data(Pictures.Save(_folder["a.png"], drawn));
        var view = _context.Transforms.LoadPhotos().Fit(data).Transform(data);
        var column = view.Schema[Columns.Photo];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<MLImage>(column);
        Assert.True(cursor.MoveNext());
        MLImage first = null!, second = null!;
        getter(ref first);
        getter(ref second);
        Assert.NotSame(first, second);
        first.Dispose();
        Assert.Equal((20, 30, MLPixelFormat.Bgra32), (second.Width, second.Height, second.PixelFormat));
        Assert.True(second.Pixels.SequenceEqual(drawn.GetPixelSpan()));
        second.Dispose();
    }

    [Fact]
    public void A_side_makes_the_square_that_the_chosen_scaling_makes()
    {
        using var drawn = Pictures.Draw(90, 61, 4);
        var data = Data(Pictures.Save(_folder["a.png"], drawn));
        foreach (var scaling in Enum.GetValues<ImageScaling>())
        {
            var view = _context.Transforms.LoadPhotos(new() { Side = 16, Scaling = scaling }).Fit(data).Transform(data);
            Assert.Equal((16, 16), view.Schema[Columns.Photo].Type is ImageDataViewType type ? (type.Width, type.Height) : default);
            using var expected = scaling.Square(drawn, 16);
            Assert.Equal(Convert.ToHexString(expected.GetPixelSpan()), Assert.Single(Workout.Rows<MLImage>(view, Columns.Photo)).Value);
        }
    }

    [Theory]
    [InlineData("in/a.png", "ok")]
    [InlineData("./in/../in/a.png", "ok")]
    [InlineData("../outside.png", "missing")]
    [InlineData("in/../../outside.png", "missing")]
    [InlineData("/etc/hostname", "missing")]
    [InlineData("..", "missing")]
    public void A_folder_is_where_paths_start_and_what_they_may_not_leave(string path, string status)
    {
        Pictures.Save(_folder["root", "in", "a.png"]);
        Pictures.Save(_folder["outside.png"]);
        Pictures.Save(_folder["rootlike", "a.png"]);
        var view = Fit(new() { Folder = _folder["root"] }, path);
        Assert.Equal(status, Assert.Single(Statuses(view)).Status);
        Assert.Contains("leads outside", Assert.Single(Statuses(Fit(new() { Folder = _folder["root"] }, "../rootlike/a.png"))).Error, StringComparison.Ordinal);
        Assert.Equal("ok", Assert.Single(Statuses(Fit(new() { Folder = _folder["root"] }, _folder["root", "in", "a.png"]))).Status);
    }

    [Fact]
    public void A_missing_column_and_a_wrong_type_are_named_before_and_with_data()
    {
        var estimator = _context.Transforms.LoadPhotos();
        var (other, number) = (_context.Data.LoadFromEnumerable<OtherRow>([]), _context.Data.LoadFromEnumerable<NumberRow>([]));
        var numbers = _context.Transforms.CustomMapping<None, NumberRow>((_, _) => { }, null).GetOutputSchema(new([]));
        var missing = "column 'Path': not among the columns File, expected String";
        Assert.Equal(missing, Assert.Throws<DeviseInputException>(() => estimator.GetOutputSchema(Workout.Shape(other.Schema))).Message);
        Assert.Equal(missing, Assert.Throws<DeviseInputException>(() => estimator.Fit(other)).Message);
        Assert.Equal("column 'Path': Scalar of Single, expected String", Assert.Throws<DeviseInputException>(() => estimator.GetOutputSchema(numbers)).Message);
        Assert.Equal("column 'Path': Single, expected String", Assert.Throws<DeviseInputException>(() => estimator.Fit(number)).Message);
        Assert.Throws<DeviseInputException>(() => estimator.Fit(Data("a.png")).Transform(number));
    }

    [Fact]
    public void Options_are_checked_once_where_they_are_given()
    {
        Assert.Throws<DeviseInputException>(() => _context.Transforms.LoadPhotos(new() { Side = 0 }));
        Assert.Throws<DeviseInputException>(() => _context.Transforms.LoadPhotos(new() { Folder = _folder["none"] }));
        Assert.Throws<DeviseInputException>(() => _context.Transforms.LoadPhotos(new() { ImageColumnName = " " }));
        Assert.Throws<DeviseInputException>(() => _context.Transforms.LoadPhotos(new() { ErrorColumnName = Columns.Status }));
        Assert.Throws<DeviseInputException>(() => _context.Transforms.LoadPhotos(new() { Scaling = (ImageScaling)7 }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(16)]
    public void Saved_it_is_stock_and_reads_the_same_pixels(int? side)
    {
        Pictures.Save(_folder["a.png"], 40, 33);
        var data = Data("a.png");
        var model = _context.Transforms.LoadPhotos(new() { Folder = _folder.Path, Side = side }).Fit(data);
        _context.Model.Save(model, data.Schema, _folder["model.zip"]);
        var loaded = _context.Model.Load(_folder["model.zip"], out _);
        Assert.StartsWith("Microsoft.ML", loaded.GetType().Namespace, StringComparison.Ordinal);
        Assert.Equal(Workout.Rows<MLImage>(model.Transform(data), Columns.Photo), Workout.Rows<MLImage>(loaded.Transform(data), Columns.Photo));
    }

    [Fact]
    public void Other_columns_are_had_without_opening_a_file()
    {
        var data = Data(Pictures.Save(_folder["a.png"]));
        var opened = 0;
        var counted = _context.Transforms.CustomMapping<PathRow, OtherRow>((row, other) =>
        {
            opened++;
            other.File = row.Path;
        }, null).Fit(data).Transform(data);
        var view = _context.Transforms.LoadPhotos(new() { PathColumnName = "File" }).Fit(counted).Transform(counted);
        Workout.Rows<ReadOnlyMemory<char>>(view, "Path");
        Assert.Equal(0, opened);
        Workout.Rows<ReadOnlyMemory<char>>(view, Columns.Status);
        Assert.Equal(1, opened);
    }

    public void Dispose() => _folder.Dispose();

    private IDataView Data(params string[] paths) => _context.Data.LoadFromEnumerable(paths.Select(path => new PathRow { Path = path }).ToList());

    private IDataView Fit(LoadPhotosOptions options, string path) => _context.Transforms.LoadPhotos(options).Fit(Data(path)).Transform(Data(path));

    private StatusRow[] Statuses(IDataView view) => [.. _context.Data.CreateEnumerable<StatusRow>(view, reuseRowObject: false)];
}
