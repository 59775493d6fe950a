using System.IO.Compression;
using System.Text.Json;
using MLNet.Devise.Tests;

namespace MLNet.Devise.Cli.Tests;

public sealed class VectorsTests : IDisposable
{
    private const string Words = "8 3\nthe 1 1 1\nking 1 0 1\nman 1 0 0\nwoman 0 1 0\nqueen 0 1 1\npolar 0.2 0.9 0\nbear 0.9 0.3 0.1\nking 9 9 9\n";

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public VectorsTests() => _path = _folder.Write("v.vec", Words);

    [Fact]
    public void A_cache_answers_as_its_file_does()
    {
        var import = Json("vectors", "import", _path, "--out", _folder["v.cache"]);
        Assert.Equal((7, 3, 1), (import.GetProperty("words").GetInt32(), import.GetProperty("dimension").GetInt32(), import.GetProperty("duplicates").GetInt32()));
        Assert.Equal("fp32", Json("vectors", "verify", _folder["v.cache"]).GetProperty("precision").GetString());
        foreach (var words in (string[])["king - man + woman", "polar bear", "bear + 0.5 * the"])
            Assert.Equal(Devise.Run("vectors", "nearest", _path, words).Output, Devise.Run("vectors", "nearest", _folder["v.cache"], words).Output);
        Assert.Equal("queen", Json("vectors", "nearest", _folder["v.cache"], "king - man + woman").GetProperty("nearest")[0].GetProperty("word").GetString());
        Assert.StartsWith("vector cache", Json("vectors", "info", _folder["v.cache"]).GetProperty("format").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("polar bear (sif of polar 0.46, bear 0.54)\n", Devise.Run("vectors", "nearest", _folder["v.cache"], "polar bear", "--composition", "sif").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_too_long_for_a_number_is_told_and_cached()
    {
        var path = _folder.Write("long.vec", "2 2\nlong 3e38 3e38\nox 3 4\n");
        var info = Json("vectors", "info", path);
        Assert.Equal(5, info.GetProperty("shortest").GetDouble(), 1e-6);
        Assert.Equal(3e38 * Math.Sqrt(2), info.GetProperty("longest").GetDouble(), 1e33);
        foreach (var precision in (string[])["fp32", "int8"])
        {
            Json("vectors", "import", path, "--out", _folder["long.cache"], "--precision", precision);
            Assert.Equal(2, Json("vectors", "verify", _folder["long.cache"]).GetProperty("words").GetInt32());
        }
    }

    [Fact]
    public void Only_the_words_of_a_class_list_are_imported_and_as_bytes_where_wanted()
    {
        _folder.Write("classes.txt", "polar+bear\nqueen\n");
        Assert.Equal(3, Json("vectors", "import", _path, "--out", _folder["some.cache"], "--words", _folder["classes.txt"], "--precision", "int8").GetProperty("words").GetInt32());
        Assert.Equal("int8", Json("vectors", "verify", _folder["some.cache"]).GetProperty("precision").GetString());
        Assert.Equal("polar", Json("vectors", "nearest", _folder["some.cache"], "queen", "-k", "1").GetProperty("nearest")[0].GetProperty("word").GetString());
    }

    [Fact]
    public void A_label_is_explained()
    {
        _folder.Write("aliases.txt", "ice king = polar bear\n");
        var json = Json("vectors", "explain", _path, "polar bear");
        Assert.Equal("mean of polar, bear", json.GetProperty("how").GetString());
        Assert.Equal([0.5, 0.5], json.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("weight").GetDouble()));
        Assert.Equal([5, 6], json.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("rank").GetInt32()));
        Assert.Contains("alias polar bear, mean of polar, bear", Devise.Run("vectors", "explain", _path, "ice king", "--aliases", _folder["aliases.txt"]).Output, StringComparison.Ordinal);
        var missing = Devise.Run("vectors", "explain", _path, "poler bear");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("'poler' is not in the file; near in spelling: polar", missing.Output, StringComparison.Ordinal);
        Assert.Contains("no vector for 'poler bear' (near: polar", missing.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_an_archive_is_looked_into_and_bad_rows_are_told()
    {
        using (var zip = ZipFile.Open(_folder["g.zip"], ZipArchiveMode.Create))
        {
            using var writer = new StreamWriter(zip.CreateEntry("glove.txt").Open());
            writer.Write("the 1 2\ncat 3 4\ndog 5\nox 6 7\n");
        }
        var json = Json("vectors", "info", _folder["g.zip"] + "/glove.txt");
        Assert.Equal((3, 1), (json.GetProperty("words").GetInt32(), json.GetProperty("badRows").GetInt32()));
        Assert.Equal($"{_folder["g.zip"]}/glove.txt:3: 1 values, expected 2; the row is left out", json.GetProperty("remarks")[0].GetString());
    }

    [Fact]
    public void Mistakes_in_what_was_asked()
    {
        Refused("not a cache, expected a file made by 'devise vectors import'", "verify", _path);
        Refused("is read from, expected another file", "import", _path, "--out", _path);
        Refused("no such class list", "import", _path, "--out", _folder["x"], "--words", _folder["none"]);
        Refused("no vector for 'qeen' (near: queen)", "nearest", _path, "king + qeen");
        Refused("a word is missing", "nearest", _path, "king +");
        Refused("its words cancel out", "nearest", _path, "king - king");
        Refused("expected 'name = other name", "explain", _path, "king", "--aliases", _path);
        Assert.Equal(["v.vec"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    public void Dispose() => _folder.Dispose();

    private static void Refused(string expected, params string[] words)
    {
        var answer = Devise.Run(["vectors", .. words]);
        Assert.Contains(expected, answer.Complaint, StringComparison.Ordinal);
        Assert.Equal(2, answer.ExitCode);
    }

    private static JsonElement Json(params string[] words)
    {
        var answer = Devise.Run([.. words, "--json"]);
        Assert.True(answer.ExitCode == 0, answer.Error);
        return JsonDocument.Parse(answer.Output).RootElement.Clone();
    }
}
