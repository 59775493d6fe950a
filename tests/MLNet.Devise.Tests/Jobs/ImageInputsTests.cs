using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;
using ParquetSharp;

namespace MLNet.Devise.Tests.Jobs;

public sealed class ImageInputsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0), InlineData(1), InlineData(7), InlineData(8), InlineData(9), InlineData(500)]
    public void Names_sorted_in_runs_are_as_sorted_at_once(int count)
    {
        var random = new Random(count);
        var names = Enumerable.Range(0, count).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => "abA/.\nä€"[random.Next(8)])])).ToArray();
        Assert.Equal(names.Order(StringComparer.Ordinal), SortedNames.Of(names, held: 8));
    }

    [Fact]
    public void A_folder_is_listed_in_ordinal_order_of_whole_paths()
    {
        foreach (var name in (string[])["a.png", "a/b.png", "a/b/c.png", "a-b.png", "a b/x.jpg", "ab.png", "B/Z.PNG", "ä.webp", "a/no.txt", "z/line\nbreak.gif", "back\\slash.png"]) _folder.Write(name, "");
        var naive = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".txt", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(_folder.Path, path)).Order(StringComparer.Ordinal);
        using var inputs = ImageInputs.Open(_folder.Path);
        Assert.Equal(naive, inputs.Rows().Select(row => row.Path));
        Assert.Equal(_folder.Path, inputs.Root);
    }

    [Fact]
    public void The_list_of_a_folder_lies_in_no_folder_that_a_killed_process_would_leave_it_in()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows itself deletes it");
        var before = Directory.GetFiles(Path.GetTempPath(), "devise-????????.???").Length;
        _folder.Write("a.png", "");
        using var inputs = ImageInputs.Open(_folder.Path);
        using var first = inputs.Rows().GetEnumerator();
        Assert.True(first.MoveNext());
        // Those of tests beside this one come and go.
        Assert.True(SpinWait.SpinUntil(() => Directory.GetFiles(Path.GetTempPath(), "devise-????????.???").Length <= before, TimeSpan.FromSeconds(10)));
        Assert.Equal("a.png", first.Current.Path);
    }

    [Fact]
    public void Columns_that_scores_replace_are_named_and_structs_are_no_columns_of_one_name()
    {
        var list = _folder.Write("list.csv", "Path,Labels,Score\na.png,x,1\n");
        using (var inputs = ImageInputs.Open(list))
        {
            Assert.Equal(["Labels"], inputs.Replaced);
            Assert.Equal(["Score"], inputs.Kept.Select(column => column.Name));
        }
        using (var inputs = ImageInputs.Open(list, ["Score"])) Assert.Empty(inputs.Replaced);

        var parquet = _folder["list.parquet"];
        using (var schema = new ParquetSharp.Schema.GroupNode("schema", Repetition.Required,
            [new ParquetSharp.Schema.PrimitiveNode("Path", Repetition.Required, LogicalType.String(), PhysicalType.ByteArray),
             new ParquetSharp.Schema.GroupNode("meta", Repetition.Optional, [new ParquetSharp.Schema.PrimitiveNode("a", Repetition.Optional, LogicalType.None(), PhysicalType.Int32), new ParquetSharp.Schema.PrimitiveNode("b", Repetition.Optional, LogicalType.None(), PhysicalType.Int32)])]))
        using (var properties = new WriterPropertiesBuilder().Build())
        using (var writer = new ParquetFileWriter(parquet, schema, properties)) writer.Close();
        Fails("column 'meta' is a list or nested", () => ImageInputs.Open(parquet));
        using (var inputs = ImageInputs.Open(parquet, [])) Assert.Empty(inputs.Kept);
    }

    [Fact]
    public void A_folder_is_listed_once_so_that_later_files_do_not_shift_rows()
    {
        _folder.Write("b.png", "");
        using var inputs = ImageInputs.Open(_folder.Path);
        _folder.Write("a.png", "");
        Assert.Equal(["b.png"], inputs.Rows().Select(row => row.Path));
        Assert.Equal(["b.png"], inputs.Rows().Select(row => row.Path));
    }

    [Theory]
    [InlineData("*.png", "a.png,ab.png")]
    [InlineData("?.png", "a.png")]
    [InlineData("*/*.png", "x/a.png")]
    [InlineData("**/*.png", "a.png,ab.png,x/a.png,x/y/b.png")]
    [InlineData("x/**", "a.png,notes.txt,y/b.png")]
    [InlineData("x/**/b.*", "y/b.png")]
    [InlineData("**", "a.png,ab.png,x/a.png,x/notes.txt,x/y/b.png")]
    [InlineData("[a]*", "")]
    public void A_pattern_means_the_files_it_matches(string pattern, string expected)
    {
        foreach (var name in (string[])["a.png", "ab.png", "x/a.png", "x/y/b.png", "x/notes.txt"]) _folder.Write(name, "");
        using var inputs = ImageInputs.Open(Path.Combine(_folder.Path, pattern));
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), inputs.Rows().Select(row => row.Path));
        Assert.Equal(_folder.Path + (pattern[0] == 'x' ? "/x" : ""), inputs.Root);
    }

    [Fact]
    public void Links_to_folders_are_counted_and_files_keep_the_folder_as_it_was_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "makes links");
        foreach (var name in (string[])["in/a.png", "in/x/b.png", "out/c.png"]) _folder.Write(name, "");
        Directory.CreateSymbolicLink(_folder["in", "x", "linked"], _folder["out"]);
        var list = _folder.Write("in/list.csv", "Path\na.png\n");
        var here = Path.GetRelativePath(Directory.GetCurrentDirectory(), _folder.Path);
        foreach (var (named, typed, links) in (IEnumerable<(string, string, int)>)[($"{here}/in", $"{here}/in", 1), ($"{here}/in/**/*.png", $"{here}/in", 1), ($"{here}/in/*.png", $"{here}/in", 0), (list, _folder["in"], 0), ("/*", "/", 0)])
        {
            using var inputs = ImageInputs.Open(named);
            Assert.Equal((typed, links), (inputs.TypedRoot, inputs.LinkedFolders));
        }
    }

    [Fact]
    public void Hidden_files_and_folders_are_left_out_and_counted()
    {
        foreach (var name in (string[])["a.png", "._a.png", ".notes.txt", "x/.b.png", ".thumbnails/c.png", ".thumbnails/d.png"]) _folder.Write(name, "");
        if (OperatingSystem.IsWindows())
            foreach (var path in Directory.GetFileSystemEntries(_folder.Path, ".*", SearchOption.AllDirectories)) File.SetAttributes(path, File.GetAttributes(path) | FileAttributes.Hidden);
        foreach (var (pattern, hidden) in (IEnumerable<(string, int)>)[("", 3), ("**/*.png", 3), ("*.png", 1)])
        {
            using var inputs = ImageInputs.Open(Path.Combine(_folder.Path, pattern));
            Assert.Equal(["a.png"], inputs.Rows().Select(row => row.Path));
            Assert.Equal(hidden, inputs.Hidden);
        }
        using var named = ImageInputs.Open(_folder[".thumbnails"]);
        Assert.Equal((2, 0), (named.Rows().Count(), named.Hidden));
        using var none = ImageInputs.Open(_folder["x"]);
        Assert.Contains("(1 hidden file or folder was left out", none.Empty().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_images_of_a_data_set_are_its_own()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "makes links");
        foreach (var name in (string[])["data/JPEGImages/a/.hidden.png", "data/JPEGImages/a/1.png", "elsewhere/2.png"]) _folder.Write(name, "");
        Directory.CreateSymbolicLink(_folder["data", "JPEGImages", "b"], _folder["elsewhere"]);
        using var inputs = DatasetInputs.Of(MLNet.Devise.Data.ImageDataset.Open(_folder["data"], new() { ValidFraction = 0.01 }));
        Assert.Equal(["JPEGImages/a/.hidden.png", "JPEGImages/a/1.png", "JPEGImages/b/2.png"], inputs.Rows().Select(row => row.Path));
        Assert.Equal(_folder["data"], inputs.Root);
    }

    [Fact]
    public void A_pattern_in_a_folder_that_is_not_there_is_named() =>
        Fails($"no such folder '{_folder["no"]}'", () => ImageInputs.Open(_folder["no", "*.png"]));

    [Theory]
    [InlineData(null, "Id,Note"), InlineData("Note", "Note"), InlineData("", "")]
    public void Further_columns_of_a_CSV_list_pass_through_as_text(string? keep, string expected)
    {
        var list = _folder.Write("list.csv", ",Id,Path,Status,Note\n0,7,a.png,ok,\n1,08,b.png,ok,\"x,y\"\n");
        using var inputs = ImageInputs.Open(list, keep?.Split(',', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), inputs.Kept.Select(column => column.Name));
        string[] second = ["08", "x,y"];
        Assert.Equal(keep switch { null => second, "Note" => second[1..], _ => [] }, inputs.Rows().Last().Kept);
    }

    [Fact]
    public void Columns_of_a_Parquet_list_keep_their_types_whatever_the_row_groups()
    {
        var list = _folder["list.parquet"];
        var time = new DateTime(2024, 2, 29, 13, 14, 15, 678, DateTimeKind.Utc);
        Column[] columns = [new Column<string>("Path"), new Column<bool>("b"), new Column<short?>("s"), new Column<uint>("u"), new Column<long?>("l"), new Column<float>("f"), new Column<double?>("d"), new Column<DateTime>("t"), new Column<DateTimeNanos>("n", LogicalType.Timestamp(false, TimeUnit.Nanos)), new Column<int[]>("list"), new Column<byte[]>("bytes")];
        using (var writer = new ParquetFileWriter(list, columns))
        {
            foreach (var rows in (int[])[1500, 1, 600])
            {
                using var group = writer.AppendRowGroup();
                Put(i => $"{i}.png");
                Put(i => i % 2 == 0);
                Put(i => i % 3 == 0 ? null : (short?)i);
                Put(i => uint.MaxValue - (uint)i);
                Put(i => i % 3 == 1 ? null : (long?)i << 40);
                Put(i => i / 3f);
                Put(i => i % 3 == 2 ? null : i / 7d as double?);
                Put(i => time.AddSeconds(i));
                Put(i => new DateTimeNanos(1_700_000_000_123_456_789 + i));
                Put(i => new[] { i });
                Put(i => new[] { (byte)i });

                void Put<T>(Func<int, T> value)
                {
                    using var column = group.NextColumn();
                    using var logical = column.LogicalWriter<T>();
                    logical.WriteBatch([.. Enumerable.Range(0, rows).Select(value)]);
                }
            }
            writer.Close();
        }
        Fails("column 'list' is a list or nested, of Int32", () => ImageInputs.Open(list));
        Fails("column 'bytes' is ByteArray, which cannot pass through", () => ImageInputs.Open(list, ["bytes"]));
        using var inputs = ImageInputs.Open(list, ["b", "s", "u", "l", "f", "d", "t", "n"]);
        Assert.Equal([KeptType.Boolean, KeptType.Int32, KeptType.Int64, KeptType.Int64, KeptType.Single, KeptType.Double, KeptType.UtcTime, KeptType.Time], inputs.Kept.Select(column => column.Type));
        var read = inputs.Rows().ToArray();
        Assert.Equal(2101, read.Length);
        Assert.Equal(Enumerable.Range(0, 1500).Append(0).Concat(Enumerable.Range(0, 600)).Select(i => $"{i}.png"), read.Select(row => row.Path));
        Assert.Equal([false, 1301, uint.MaxValue - 1301L, 1301L << 40, 1301 / 3f, null, time.AddSeconds(1301), new DateTimeNanos(1_700_000_000_123_458_000).DateTime], read[1301].Kept);

        // What goes through reads back as it came.
        using (var file = File.Create(_folder["kept.parquet"])) ParquetScores.Write(file, read.Select(row => new ScoreRow(new(row.Path, default, "", [], [], null), row.Kept)), new(false, inputs.Kept));
        Assert.Equal(read.Select(row => row.Kept), ParquetScores.Read(_folder["kept.parquet"]).Select(row => row.Kept));

        // As text, a time says whether it is in UTC.
        foreach (var format in (ScoreFormat[])[ScoreFormat.Csv, ScoreFormat.Jsonl])
        {
            using var text = new MemoryStream();
            format.Write(text, [new ScoreRow(new("a.png", default, "", [], [], null), read[0].Kept)], new(false, inputs.Kept));
            var written = System.Text.Encoding.UTF8.GetString(text.ToArray());
            Assert.Matches(@"2024-02-29T13:14:15\.6780*Z", written);
            Assert.Matches(@"2023-11-14T22:13:20\.1234560*[^0-9Z]", written);
        }
    }

    [Fact]
    public void Lists_that_make_no_sense_are_named()
    {
        Fails("keep 'x': no such column", () => ImageInputs.Open(_folder.Write("a.csv", "Path,Id\n"), ["x"]));
        Fails("keep 'Status': a column of the scores themselves", () => ImageInputs.Open(_folder["a.csv"], ["Status"]));
        Fails("2 columns 'Id', expected each name once", () => ImageInputs.Open(_folder.Write("a.csv", "Path,Id,Id\n")));
        Fails("is no list with columns", () => ImageInputs.Open(_folder.Path, ["Id"]));
        Fails("not a Parquet file that can be read", () => ImageInputs.Open(_folder.Write("a.parquet", "Path\na.png\n")));
    }

    public void Dispose() => _folder.Dispose();

    private static void Fails(string message, Func<object> action) => Assert.Contains(message, Assert.Throws<DeviseInputException>(action).Message, StringComparison.Ordinal);
}
