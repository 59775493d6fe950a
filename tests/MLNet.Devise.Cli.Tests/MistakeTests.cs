using System.IO.Compression;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Tests;

/// <summary>Bad input gives one clear line and exit code 2, and leaves nothing half-written.</summary>
public sealed class MistakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_missing_data_folder() => Refused(["data", "verify", _folder["nowhere"]], $"{_folder["nowhere"]}: no such data folder");

    [Fact]
    public void An_empty_class()
    {
        _folder.Write("data/JPEGImages/cat/cat_1.jpg", "x");
        Directory.CreateDirectory(_folder["data", "JPEGImages", "dog"]);
        Refused(["data", "verify", _folder["data"]], "class 'dog' is empty, expected at least one image");
    }

    [Fact]
    public void A_vec_file_with_a_short_line()
    {
        var data = Photos("cat");
        var vectors = _folder.Write("v.vec", "2 3\ndog 1 2 3\ncat 1 2\n");
        Refused(["train", "--data", data, "--vectors", vectors, "--pretrained", vectors, "--out", _folder["run"]], $"{vectors}:3: 2 values, expected 3");
    }

    [Fact]
    public void Labels_without_a_vector_are_listed_at_once_with_near_spellings()
    {
        var data = Photos("zebar", "lion", "polar+bear");
        var vectors = _folder.Write("v.vec", "4 2\nzebra 1 2\nlion 1 0\nbear 0 1\nsolar 0 3\n");
        Refused(["train", "--data", data, "--vectors", vectors, "--pretrained", vectors, "--out", _folder["run"]],
            $"{vectors}: no vector for 2 of 3 labels: 'polar+bear' (near: solar), 'zebar' (near: zebra)");
    }

    [Fact]
    public void Weights_of_no_known_format()
    {
        var weights = _folder.Write("w.pth", "not weights at all");
        Refused(["train", "--preset", "paper", "--data", Photos("lion"), "--vectors", _folder.Write("v.vec", "1 2\nlion 1 0\n"), "--pretrained", weights, "--out", _folder["run"]], $"{weights}: its first bytes are");
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void Export_of_a_folder_that_is_no_run()
    {
        Refused(["export", _folder.Path, "--out", _folder["bundle"]], "no train.json in it");
        Assert.False(Directory.Exists(_folder["bundle"]));
    }

    [Fact]
    public void A_folder_that_is_no_bundle() => Refused(["score", _folder.Path, "--images", _folder.Path, "--out", _folder["s.csv"]], "no bundle.json in it");

    [Theory]
    [InlineData("""{ "sample": {}, "trainig": {} }""", "unknown key 'trainig', did you mean 'training'?")]
    [InlineData("""{ "sample": {}, "training": { "augment": { "rotat": 3 } } }""", "unknown key 'rotat', did you mean 'rotate'? expected one of flip, rotate, zoom")]
    [InlineData("""{ "sample": {}, "training": { "stage1": [ { "epochs": 1, "learningRat": 1 } ] } }""", "unknown key 'learningRat', did you mean 'learningRate'?")]
    [InlineData("""{ "sample": {}, "training": { "head": { "kind": "round" } } }""", "$.training.head.kind: not of the right kind, expected one of fastai, linear")]
    [InlineData("""{ "sample": {}, "training": { "imageSize": "big" } }""", "$.training.imageSize: not of the right kind, expected a whole number")]
    [InlineData("""{ "sample": { "size": 7 } }""", "size: 7, expected")]
    [InlineData("""{ "sample": {}, "training": null }""", "$.training")]
    [InlineData("""{ "sample": {}, "needs": [] }""", "$.needs: not of the right kind, expected an object")]
    [InlineData("""{ "sample": {}, "needs": { "a.vec": 3 } }""", "expected a text")]
    [InlineData("""{ "sample": {}, "training": { "augment": null } }""", "$.training.augment")]
    [InlineData("""{ "sample": {}, "training": { "stage1": [ null ] } }""", "stage1: a phase is null")]
    [InlineData("""{ }""", "expected either 'sample' (drawn here), 'sounds' (made here) or 'data' (a folder)")]
    [InlineData("""{ "data": "x" }""", "no 'vectors', expected a file of word vectors beside 'data'")]
    [InlineData("""{ "sample": {} """, "p.json:1: ")]
    [InlineData("""{ "sample": {}, "training": { "imageSize": 32, "imageSize": 64 } }""", "the key 'imageSize' is there twice")]
    public void A_pipeline_file_with_a_mistake(string json, string expected)
    {
        Refused(["run", _folder.Write("p.json", json), "--out", _folder["out"]], expected);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void A_file_where_a_folder_goes_and_a_folder_where_a_file_goes()
    {
        var file = _folder.Write("taken", "x");
        Directory.CreateDirectory(_folder["s.csv"]);
        Refused(["evaluate", _folder.Path, "--data", _folder.Path, "--out", file], "its folder cannot be written to");
        Refused(["export", _folder.Path, "--out", file], $"{file}: a file, expected a new folder");
        Refused(["vectors", "nearest", _folder.Write("v.vec", "1 1\ncat 1\n"), "cat", "-k", "0"], "-k: 0, expected at least 1");
        Assert.Equal("x", File.ReadAllText(file));
    }

    [Fact]
    public void What_a_pipeline_needs_is_listed_at_once_with_how_to_get_it()
    {
        var pipeline = _folder.Write("p.json", """{ "sample": {}, "needs": { "p.json": "here", "no.vec": "fetch vectors", "no": "fetch photos" } }""");
        Refused(["run", pipeline], $"2 of the 3 things it needs are missing. {_folder["no.vec"]}: fetch vectors; {_folder["no"]}: fetch photos");
    }

    [Theory]
    [InlineData("awa2.json", "squeezenet1_1-b8a52dc0.pth"), InlineData("awa2-resnet34.json", "resnet34-b627a593.pth")]
    public void The_papers_pipelines_say_what_to_download(string name, string weights)
    {
        // A copy, beside which there is no data.
        var pipeline = _folder.Write($"pipelines/{name}", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pipelines", name)));
        Refused(["run", pipeline], $"3 of the 3 things it needs are missing. {_folder["artifacts", "data", "Animals_with_Attributes2"]}: run 'devise data download awa2'");
        Refused(["run", pipeline], $"{_folder["artifacts", "weights", weights]}: run 'devise data download");
    }

    [Fact]
    public void A_comparison_of_what_was_not_evaluated()
    {
        Refused(["report", "compare", _folder.Path, _folder["other"], "--out", _folder["c.html"]], $"{_folder["metrics.json"]}: no such file, expected the metrics.json of 'devise evaluate'");
        Refused(["report", "compare", _folder.Path, _folder.Path, "--out", _folder["c.html"]], "given twice");
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_recipe_without_phases()
    {
        var recipe = _folder.Write("o.json", """{ "stage1": [], "stage2": [] }""");
        Refused(["train", "--options", recipe, "--data", Photos("lion"), "--vectors", _folder.Write("v.vec", "1 2\nlion 1 0\n"), "--out", _folder["run"]], "stage2: no phases, expected at least one");
    }

    [Fact]
    public void A_file_with_a_byte_order_mark_is_read()
    {
        File.WriteAllText(_folder["p.json"], """{ "sample": {}, "training": { "imageSize": 7 } }""", new System.Text.UTF8Encoding(true));
        Refused(["run", _folder["p.json"], "--out", _folder["out"]], "imageSize: 7, expected 32..1024");
    }

    [Theory]
    [InlineData("--out", "score", "b", "--images", "i", "--out", ""), InlineData("--out", "evaluate", "b", "--data", "d", "--out="), InlineData("--seed", "label", "b", "f.jpg", "--seed", " ")]
    [InlineData("FILE", "vectors", "info", ""), InlineData("BUNDLE", "label", " ", "f.jpg"), InlineData("FILE", "label", "b", "f.jpg", "")]
    public void An_empty_word_is_told_by_the_name_of_what_it_is_for(string name, params string[] words)
    {
        var answer = Devise.Run(words);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains(name, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_over_what_it_is_made_of()
    {
        var zip = _folder["v.zip"];
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Create))
        using (var entry = new StreamWriter(archive.CreateEntry("v.vec").Open())) entry.Write("1 2\nlion 1 0\n");
        var words = _folder.Write("words.txt", "lion\n");
        var before = File.ReadAllBytes(zip);
        Refused(["vectors", "import", $"{zip}/v.vec", "--out", zip], $"--out: {zip} is what {zip}/v.vec is read from");
        Refused(["vectors", "import", zip, "--words", words, "--out", words], $"--out: {words} is what {words} is read from");
        Assert.Equal(before, File.ReadAllBytes(zip));
    }

    [Fact]
    public void A_pipeline_file_that_is_missing() => Refused(["run", _folder["p.json"]], $"{_folder["p.json"]}: no such file");

    [Fact]
    public void A_sample_over_a_folder_of_something_else()
    {
        var file = _folder.Write("out/precious.txt", "keep me");
        Refused(["sample", "--out", _folder["out"]], _folder["out"]);
        Assert.Equal("keep me", File.ReadAllText(file));
    }

    [Fact]
    public void An_option_that_does_not_exist()
    {
        var answer = Devise.Run("score", "bundle", "--imges", "x");
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("--imges", answer.Error, StringComparison.Ordinal);
        Assert.Contains("devise score --help", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-k: 'abc', expected a whole number", "label", "b", "f.jpg", "-k", "abc"), InlineData("-k: '99999999999', expected a whole number up to 2147483647", "label", "b", "f.jpg", "-k", "99999999999")]
    [InlineData("--gamma: 'much', expected a number", "label", "b", "f.jpg", "--gamma", "much"), InlineData("--seed: 'x', expected a whole number", "label", "b", "f.jpg", "--seed", "x")]
    [InlineData("--precision: 'foo', expected fp32, fp16 or int8", "export", "r", "--out", "b", "--precision", "foo")]
    [InlineData("--precision: '7', expected fp32 or int8", "vectors", "import", "v", "--out", "c", "--precision", "7"), InlineData("--precision: 'fp32,int8', expected fp32 or int8", "vectors", "import", "v", "--out", "c", "--precision", "fp32,int8")]
    [InlineData("--scaling: '7', expected stock or antialiased", "train", "--data", "d", "--vectors", "v", "--out", "o", "--scaling", "7"), InlineData("--kind: '1', expected shapes or sounds", "sample", "--out", "o", "--kind", "1")]
    public void A_value_of_the_wrong_kind_is_told_with_what_was_expected(string expected, params string[] words)
    {
        var answer = Devise.Run(words);
        Assert.Equal(2, answer.ExitCode);
        Assert.StartsWith($"devise: {expected}\n", answer.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_the_shell_looked_up_is_told_in_a_few_lines()
    {
        var files = Enumerable.Range(0, 9).Select(i => _folder.Write($"photos/{i}.png", "x")).ToArray();
        var lines = Devise.Run(["score", "bundle", "--out", "s.csv", "--images", .. files]).Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        Assert.Equal("devise: … and 5 more", lines[3].TrimEnd());
        Assert.EndsWith($"--images '{_folder["photos", "*.png"]}'", lines[4].TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("quote", Devise.Run("score", "bundle", "--out", "s.csv", "--images", "a", "none.png").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_no_file_of_labels_can_hold_is_told_before_training()
    {
        var vectors = _folder.Write("v.vec", "2 2\nboeing_747 1 0\na 0 1\n");
        Refused(["train", "--data", Photos("boeing 747"), "--vectors", vectors, "--pretrained", vectors, "--out", _folder["run"]], "label 'boeing 747': its last word is a number");
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void A_class_that_no_score_file_of_a_run_can_hold_is_told_before_training()
    {
        var (data, vectors) = (Photos("a;b"), _folder.Write("v.vec", "1 2\na 0 1\n"));
        var pipeline = _folder.Write("p.json", $$"""{ "data": "{{Path.GetFileName(data)}}", "vectors": "{{Path.GetFileName(vectors)}}" }""");
        Refused(["run", pipeline, "--out", _folder["out"]], "label 'a;b': ';' joins labels in a .csv");
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void Options_of_training_that_do_not_exist_are_refused_in_code_too()
    {
        Assert.Contains("scaling: 7, expected stock or antialiased", Assert.Throws<DeviseInputException>(new TrainingOptions { Scaling = (Scoring.ImageScaling)7 }.Validate).Message, StringComparison.Ordinal);
        Assert.Contains("precision: 7, expected auto, fp32 or bf16", Assert.Throws<DeviseInputException>(new TrainingOptions { Precision = (TrainingPrecision)7 }.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_fails_leaves_no_folder_for_its_output()
    {
        MLNet.Devise.Tests.Scoring.TinyBundle.Write(_folder["bundle"]);
        MLNet.Devise.Tests.Scoring.Pictures.Save(_folder["images", "a.png"]);
        Directory.CreateDirectory(_folder["empty"]);
        Refused(["score", _folder["bundle"], "--images", _folder["empty"], "--out", _folder["new", "s.csv"]], "no image in it");
        Refused(["evaluate", _folder["bundle"], "--data", _folder["empty"], "--out", _folder["new"]], "no class folder in it");
        Refused(["index", "build", _folder["bundle"], "--images", _folder["images"], "--out", _folder["new", "a.index"], "--threads", "0"], "threads");
        Assert.False(Directory.Exists(_folder["new"]));
    }

    [Fact]
    public void A_stack_trace_only_with_verbose()
    {
        Assert.DoesNotContain("   at ", Devise.Run("vectors", "info", _folder["no.vec"]).Error, StringComparison.Ordinal);
        Assert.Contains("   at ", Devise.Run("vectors", "info", _folder["no.vec"], "--verbose").Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void Refused(string[] words, string expected)
    {
        var answer = Devise.Run(words);
        Assert.Contains(expected, answer.Complaint, StringComparison.Ordinal);
        Assert.Equal(2, answer.ExitCode);
        Assert.Empty(answer.Output);
    }

    /// <summary>A data folder with a few drawn pictures a class.</summary>
    private string Photos(params string[] classes)
    {
        var sample = DrawnSample.Write(_folder["sample"], new() { ImagesPerClass = 3, Size = 32 }, cancel: TestContext.Current.CancellationToken);
        foreach (var (name, from) in classes.Zip(sample.Classes))
        {
            Directory.CreateDirectory(_folder["data", "JPEGImages", name]);
            foreach (var file in Directory.GetFiles(Path.Combine(sample.Folder, "JPEGImages", from))) File.Copy(file, _folder["data", "JPEGImages", name, Path.GetFileName(file)]);
        }
        return _folder["data"];
    }
}
