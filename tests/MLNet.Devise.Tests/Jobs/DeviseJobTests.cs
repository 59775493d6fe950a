using MLNet.Devise.Jobs;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Tests.Jobs;

public sealed class DeviseJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelBundle _bundle;

    public DeviseJobTests() => _bundle = TinyBundle.Write(_folder["bundle"]);

    [Theory]
    [InlineData("scores.csv"), InlineData("scores.jsonl"), InlineData("scores.parquet")]
    public void A_folder_is_scored_with_all_below_it_in_ordinal_order(string output)
    {
        Images("b.png", "a/z.JPG", "a/B.png", "Z.png", "a/deep/er/x.webp.png");
        _folder.Write("images/notes.txt", "no image");
        _folder.Write("images/a/broken.jpeg", "no image");
        var seen = new List<ScoreProgress>();
        var summary = DeviseJob.Run(_bundle, _folder["images"], _folder[output], progress: seen.Add);
        var rows = ScoreFile.Read(_folder[output]).ToArray();
        Assert.Equal(["Z.png", "a/B.png", "a/broken.jpeg", "a/deep/er/x.webp.png", "a/z.JPG", "b.png"], rows.Select(row => row.Path));
        Assert.Equal(6, summary.Rows);
        Assert.Equal(new Dictionary<string, long> { ["ok"] = 5, ["unsupported"] = 1 }, summary.ByStatus);
        Assert.Equal([new(1, 0, 6), new(2, 0, 6), new(3, 1, 6), new(4, 1, 6), new(5, 1, 6), new(6, 1, 6)], seen);
        Assert.All(rows, row => Assert.Null(row.Embedding));
    }

    [Theory]
    [InlineData("scores.csv"), InlineData("scores.jsonl"), InlineData("scores.parquet")]
    public void What_is_written_reads_back_as_it_was_scored(string output)
    {
        Images("a.png", "b;c,\"d\" ä.png");
        DeviseJob.Run(_bundle, _folder["images"], _folder[output], new() { K = 7, Embeddings = true, Workers = 3 });
        using var scorer = new ImageScorer(_bundle, new() { K = 7 });
        var expected = scorer.Score([_folder["images", "a.png"], _folder["images", "b;c,\"d\" ä.png"]]).ToArray();
        var rows = ScoreFile.Read(_folder[output]).ToArray();
        Assert.Equal(["a.png", "b;c,\"d\" ä.png"], rows.Select(row => row.Path));
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(expected[i].Labels, rows[i].Labels);
            Assert.Equal(expected[i].Scores, rows[i].Scores);
            Assert.Equal(expected[i].Embedding!.Value.ToArray(), rows[i].Embedding!.Value.ToArray());
        }
    }

    [Fact]
    public void A_list_names_images_relative_to_itself_and_keeps_its_order_and_spelling()
    {
        Images("a.png", "b.png");
        var absolute = _folder["images", "a.png"];
        var list = _folder.Write("images/list.csv", $"Id,Path,Note\n1,b.png,x\n2,./a.png,\"two\nlines\"\n3,,empty\n4,{absolute},\n5,gone.png,\n");
        var summary = DeviseJob.Run(_bundle, list, _folder["scores.csv"]);
        var rows = ScoreFile.Read(_folder["scores.csv"]).ToArray();
        Assert.Equal(["b.png", "./a.png", "", absolute, "gone.png"], rows.Select(row => row.Path));
        Assert.Equal(["Ok", "Ok", "Missing", "Ok", "Missing"], rows.Select(row => $"{row.Status}"));
        Assert.Equal((5, 3, 2), (summary.Rows, summary.ByStatus["ok"], summary.ByStatus["missing"]));
    }

    [Fact]
    public void Labels_of_the_callers_own_are_the_only_ones_named()
    {
        Images("a.png");
        DeviseJob.Run(_bundle, _folder["images"], _folder["scores.csv"], new() { K = 2, Labels = _bundle.Labels.Select(["label+4", "label+1"]) });
        Assert.Equal(["label+1", "label+4"], Assert.Single(ScoreFile.Read(_folder["scores.csv"])).Labels.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_cancelled_job_leaves_no_file_and_an_older_one_as_it_was()
    {
        Images("a.png", "b.png", "c.png");
        const string Older = "Path,Status,Error,Labels,Scores\nolder.png,missing,gone,,\n";
        _folder.Write("scores.csv", Older);
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => DeviseJob.Run(_bundle, _folder["images"], _folder["scores.csv"], progress: _ => source.Cancel(), cancellation: source.Token));
        Assert.Equal(Older, File.ReadAllText(_folder["scores.csv"]));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.partial"));
    }

    [Theory]
    [InlineData("p.csv", "Name,Phone\nme,1\n"), InlineData("p.jsonl", "{ \"name\": \"me\" }\n"), InlineData("p.parquet", "no Parquet at all")]
    public void What_is_no_file_of_scores_is_not_replaced(string name, string content)
    {
        Images("a.png");
        var output = _folder.Write(name, content);
        foreach (var unfinished in Enum.GetValues<UnfinishedJob>())
            Assert.Contains($"{output} is there already and is no file of scores", Assert.Throws<DeviseInputException>(() => DeviseJob.Run(_bundle, _folder["images"], output, new() { Unfinished = unfinished })).Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(output));
        // Scores are, with or without statistics, and so is what is cut of them.
        File.WriteAllText(output, "");
        foreach (var spoil in (Action[])[() => { }, () => File.Delete($"{output}.stats.json"), () => File.WriteAllText(output, "cut")])
        {
            DeviseJob.Run(_bundle, _folder["images"], output);
            spoil();
        }
        Assert.Equal(1, DeviseJob.Run(_bundle, _folder["images"], output).Rows);

        DeviseJob.Run(_bundle, _folder["images"], _folder[$"m{name}"], new() { Shard = new(0, 1) });
        _folder.Write($"m{name}", content);
        Assert.Contains("is no file of scores", Assert.Throws<DeviseInputException>(() => DeviseJob.Merge(_folder[$"m{name}"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_to_files_are_scored_and_links_to_folders_and_hidden_files_counted()
    {
        Images("a.png");
        File.CreateSymbolicLink(_folder["images", "b.png"], _folder["images", "a.png"]);
        Directory.CreateSymbolicLink(_folder["images", "loop"], _folder["images"]);
        Images(".hidden.png");
        var summary = DeviseJob.Run(_bundle, _folder["images"], _folder["scores.csv"]);
        Assert.Equal((2, 1, 1), (summary.ByStatus["ok"], summary.LinkedFolders, summary.Hidden));
    }

    [Fact]
    public void Inputs_and_outputs_that_make_no_sense_are_named()
    {
        Images("a.png");
        Fails("no such file or folder", _folder["nothing"], _folder["scores.csv"]);
        Fails("no image in it or below it", Directory.CreateDirectory(_folder["empty"]).FullName, _folder["scores.csv"]);
        Fails("'.png', expected a folder of images, a pattern", _folder["images", "a.png"], _folder["scores.csv"]);
        Fails("ending '.txt', expected .parquet, .csv or .jsonl", _folder["images"], _folder["scores.txt"]);
        Fails("list.csv:1: header 'File,Other', expected a column 'Path'", _folder.Write("list.csv", "File,Other\na.png,1\n"), _folder["scores.csv"]);
        Fails("list.csv:3: ", _folder.Write("list.csv", "Path,Other\na.png,1\nb.png\n"), _folder["scores.csv"]);
        Fails("list.csv:2: ", _folder.Write("list.csv", "Path,Other\n\"a.png,1\nb.png,2\n"), _folder["scores.csv"]);
        Fails("list.csv:1: header '', expected a column 'Path'", _folder.Write("list.csv", ""), _folder["scores.csv"]);
        var list = _folder.Write("list.csv", "Path\nimages/a.png\n");
        Fails("both list of images and output", list, list);
        Assert.Equal("Path\nimages/a.png\n", File.ReadAllText(list));
        Assert.False(File.Exists(_folder["scores.csv"]));
    }

    public void Dispose() => _folder.Dispose();

    private void Images(params string[] names)
    {
        for (var i = 0; i < names.Length; i++) Pictures.Save(_folder["images", names[i]], seed: i);
    }

    private void Fails(string message, string images, string output) =>
        Assert.Contains(message, Assert.Throws<DeviseInputException>(() => DeviseJob.Run(_bundle, images, output)).Message, StringComparison.Ordinal);
}
