using System.Text.Json.Nodes;
using MLNet.Devise.Jobs;
using MLNet.Devise.Tests;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Cli.Tests;

/// <summary>Which labels <c>devise label</c> and <c>devise score</c> choose among.</summary>
public sealed class LabelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _bundle, _picture, _vectors;

    public LabelTests()
    {
        TinyBundle.Write(_bundle = _folder["bundle"]);
        Pictures.Save(_picture = _folder["images", "a.png"]);
        // Three words that are no labels, and one that spells a label.
        _vectors = _folder.Write("v.vec", "4 8\nowl 1 2 3 4 5 6 7 8\nfox 8 7 6 5 4 3 2 1\nlabel_3 1 0 0 0 0 0 0 0\nelk 1 -1 1 -1 1 -1 1 -1\n");
    }

    [Fact]
    public void A_folder_is_told_with_what_scores_it()
    {
        var result = Devise.Run("label", _bundle, _picture, _folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{_folder.Path}: a folder, expected image files; for a folder: devise score {_bundle} --images {_folder.Path}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_joined_with_commas_are_the_only_ones_in_any_spelling()
    {
        Assert.Equal(["label+1", "label+5"], Labels("--labels", "Label 5, label_1").Order(StringComparer.Ordinal));
        Assert.Equal(["elk", "label+5", "owl"], Labels("--labels", "elk,owl,label 5", "--vectors", _vectors).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_name_may_begin_with_an_at_sign()
    {
        var answer = Devise.Run("label", _bundle, _picture, "@me.jpg");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("@me.jpg: missing: no such file", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_list_does_as_well() => Assert.Equal(["fox", "owl"], Labels("--labels", _folder.Write("classes.txt", "1\towl\n2\tfox\n"), "--vectors", _vectors).Order(StringComparer.Ordinal));

    [Fact]
    public void Word_vectors_alone_let_every_word_compete_with_the_labels_it_does_not_spell() =>
        Assert.Equal(["elk", "fox", "label+0", "label+1", "label+2", "label+3", "label+4", "label+5", "label+6", "owl"], Labels("--vectors", _vectors).Order(StringComparer.Ordinal));

    [Fact]
    public void Rows_that_cannot_be_read_are_told()
    {
        var vectors = _folder.Write("bad.vec", $"40 8\n{string.Concat(Enumerable.Range(0, 39).Select(i => $"word{i} 1 2 3 4 5 6 7 {i}\n"))}short 1 2\n");
        var result = Devise.Run("label", _bundle, _picture, "--vectors", vectors);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"{vectors}:41: 2 values, expected 8", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Gamma_puts_labels_trained_on_behind_others() =>
        Assert.Equal(["elk", "fox", "owl"], Labels("--vectors", _vectors, "--gamma", "2").Take(3).Order(StringComparer.Ordinal));

    [Fact]
    public void A_job_takes_the_same_and_does_not_go_on_with_another_gamma()
    {
        string[] Score(string gamma) => ["score", _bundle, "--images", _folder["images"], "--out", _folder["s.csv"], "--labels", "owl, label 2", "--vectors", _vectors, "-k", "9", "--shard", "0/2", "--resume", "--gamma", gamma];
        Pictures.Save(_folder["images", "b.png"]);
        Assert.Equal(0, Devise.Run(Score("0.1")).ExitCode);
        var row = ScoreFile.Read(Directory.GetFiles(_folder["s.csv.parts"], "*.parquet").Single());
        Assert.All(row, scored => Assert.Equal(["label+2", "owl"], scored.Labels.Order(StringComparer.Ordinal)));
        var other = Devise.Run(Score("0.2"));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("labels compete in another way (--gamma)", other.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void Gamma_is_told_by_its_own_name_and_may_lift_what_was_trained_on()
    {
        foreach (var gamma in (string[])["3", "NaN", "-1.5"])
        {
            var result = Devise.Run("label", _bundle, _picture, $"--gamma={gamma}");
            Assert.Equal((2, $"--gamma: {gamma}, expected -1 to 2, for cosines mostly 0.05 to 0.3"), (result.ExitCode, result.Complaint));
        }
        Assert.Equal(["elk", "fox", "owl"], Labels("--vectors", _vectors, "--gamma", "-1").TakeLast(3).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Gamma_without_a_label_to_take_it_off_is_remarked()
    {
        string[] words = [_bundle, _picture, "--labels", "owl, fox", "--vectors", _vectors];
        var (plain, result) = (Devise.Run(["label", .. words]), Devise.Run(["label", .. words, "--gamma", "0.2"]));
        Assert.Equal((0, plain.Output), (result.ExitCode, result.Output));
        Assert.Contains("--gamma: none of the 2 labels to choose from was trained on", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_path_of_word_vectors_is_told_where_no_label_needs_them()
    {
        var result = Devise.Run("label", _bundle, _picture, "--labels", "label 1, label 2", "--vectors", _folder["gone.vec"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{_folder["gone.vec"]}: no such word-vector file", result.Complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zebra, owl", "'zebra' is not among the bundle's 7 labels (near: label+0, label+1, label+2); for other words, name none with --vectors")]
    [InlineData("zebra", "--labels: 'zebra' is no file, expected a class list, or names joined with commas ('zebra, snow leopard'; one alone as 'zebra,')")]
    [InlineData(",", "--labels: ',', expected a class list or names joined with commas")]
    public void Mistakes(string labels, string complaint)
    {
        var result = Devise.Run("label", _bundle, _picture, "--labels", labels);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(complaint, result.Complaint, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The labels of the picture, best first.</summary>
    private string[] Labels(params string[] words)
    {
        var result = Devise.Run(["label", _bundle, _picture, "-k", "20", "--json", .. words]);
        Assert.True(result.ExitCode == 0, result.Error);
        return [.. JsonNode.Parse(result.Output)![0]!["labels"]!.AsArray().Select(label => (string)label!)];
    }
}
