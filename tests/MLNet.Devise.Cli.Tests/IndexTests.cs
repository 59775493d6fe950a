using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli.Tests;

/// <summary>An index made, asked, changed and moved through the command line.</summary>
public sealed class IndexTests : IDisposable
{
    private readonly Batch _batch = new();

    [Fact]
    public void Images_become_searchable_and_the_index_alone_is_enough_for_its_labels()
    {
        var built = Json("index", "build", _batch.Bundle, "--images", _batch["images"], "--out", _batch["photos.index"]);
        Assert.Equal((40, 2, "exact"), (built.GetProperty("vectors").GetInt32(), built.GetProperty("more").GetProperty("bad").GetInt32(), built.GetProperty("kind").GetString()));

        // Image → image: the photo itself is nearest; by its path in the index too.
        var photo = _batch["images", "17.png"];
        Assert.Equal(photo, Hits("search", _batch["photos.index"], "--image", photo, "-k", "1").Single().Path);
        var all = Hits("search", _batch["photos.index"], "--image", photo, "-k", "40");
        Assert.Equal(40, all.Length);
        Assert.Equal(all.Count(hit => hit.Cosine >= 0.9), Hits("search", _batch["photos.index"], "--image", photo, "-k", "40", "--min", ".9").Length);

        // Both: with all the weight on one side it is that side alone.
        var text = Hits("search", _batch["photos.index"], "--text", "label 3", "-k", "5");
        Assert.Equal(text.Select(hit => hit.Path), Hits("search", _batch["photos.index"], "--text", "label 3", "--image", photo, "--mix", "1", "-k", "5").Select(hit => hit.Path));
        Assert.Equal(all.Take(5).Select(hit => hit.Path), Hits("search", _batch["photos.index"], "--text", "label 3", "--image", photo, "--mix", "0", "-k", "5").Select(hit => hit.Path));
        Assert.Equal(5, Hits("search", _batch["photos.index"], "--text", "label 3", "--image", photo, "-k", "5").Length);

        Assert.True(Json("index", "verify", _batch["photos.index"]).GetProperty("more").GetProperty("verified").GetBoolean());
        Directory.Move(_batch.Bundle, _batch["elsewhere"]);
        Assert.Equal(text, Hits("search", _batch["photos.index"], "--text", "label 3", "-k", "5"));
        Assert.Equal(photo, Hits("search", _batch["photos.index"], "--image", photo, "--bundle", _batch["elsewhere"], "-k", "1").Single().Path);
        Assert.Contains("--bundle", Fails("search", _batch["photos.index"], "--text", "no label").Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_is_changed_in_place_and_rebuilt()
    {
        Json("index", "build", _batch.Bundle, "--images", _batch["images", "1*.png"], "--out", _batch["a.index"], "--kind", "hnsw", "--m", "8");
        Assert.Equal("hnsw", Json("index", "info", _batch["a.index"]).GetProperty("kind").GetString());
        Assert.Equal(11, Json("index", "info", _batch["a.index"]).GetProperty("vectors").GetInt32());

        var added = Json("index", "add", _batch["a.index"], "--images", _batch["images", "2.png"]);
        Assert.Equal((12, 1), (added.GetProperty("vectors").GetInt32(), added.GetProperty("more").GetProperty("added").GetInt32()));
        Assert.Equal(_batch["images", "2.png"], Hits("search", _batch["a.index"], "--image", _batch["images", "2.png"], "-k", "1").Single().Path);

        var removed = Json("index", "remove", _batch["a.index"], _batch["images", "10.png"], _batch["images", "11.png"], _batch["images", "12.png"], "gone.png");
        Assert.Equal((9, 3, 3), (removed.GetProperty("vectors").GetInt32(), removed.GetProperty("removed").GetInt32(), removed.GetProperty("more").GetProperty("removedNow").GetInt32()));
        Assert.DoesNotContain(Hits("search", _batch["a.index"], "--text", "label 1", "-k", "40"), hit => Path.GetFileName(hit.Path) == "11.png");
        Assert.Contains("none of 1 paths", Fails("index", "remove", _batch["a.index"], "gone.png").Complaint, StringComparison.Ordinal);

        var rebuilt = Json("index", "rebuild", _batch["a.index"]);
        Assert.Equal((9, 0, "exact"), (rebuilt.GetProperty("vectors").GetInt32(), rebuilt.GetProperty("removed").GetInt32(), rebuilt.GetProperty("kind").GetString()));
        var graph = Json("index", "rebuild", _batch["a.index"], "--kind", "hnsw", "--recall", "1");
        Assert.Equal(("hnsw", 1.0, true), (graph.GetProperty("kind").GetString(), graph.GetProperty("more").GetProperty("recall").GetDouble(), graph.GetProperty("more").GetProperty("recallReached").GetBoolean()));
        Assert.Equal(graph.GetProperty("ef").GetInt32(), Json("index", "info", _batch["a.index"]).GetProperty("ef").GetInt32());
        Assert.Contains("--recall", Fails("index", "rebuild", _batch["a.index"], "--recall", "2").Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_index_is_not_changed()
    {
        Json("index", "build", _batch.Bundle, "--images", _batch["images", "1*.png"], "--out", _batch["d.index"], "--storage", "fp32");
        var bytes = File.ReadAllBytes(_batch["d.index"]);
        using (var index = VectorIndex.Open(_batch["d.index"]))
        {
            var vector = new float[index.Dimension];
            Assert.True(index.TryGet(index.Ids.First(), vector));
            bytes[bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes<float>(vector))] ^= 1;
        }
        File.WriteAllBytes(_batch["d.index"], bytes);
        foreach (var words in (string[][])[["add", _batch["d.index"], "--images", _batch["images", "2.png"]], ["remove", _batch["d.index"], _batch["images", "10.png"]], ["rebuild", _batch["d.index"]]])
            Assert.Contains("damaged", Fails(["index", .. words]).Complaint, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(_batch["d.index"]));
    }

    [Fact]
    public void Scores_become_an_index_too_and_another_bundle_is_refused()
    {
        Succeeds(Devise.Run("score", _batch.Bundle, "--images", _batch["images", "1*.png"], "--out", _batch["s.parquet"], "--embeddings", "-k", "2"));
        Assert.Equal(11, Json("index", "build", _batch.Bundle, "--scores", _batch["s.parquet"], "--out", _batch["s.index"], "--storage", "fp32").GetProperty("vectors").GetInt32());
        Assert.Equal(Hits("search", _batch["s.parquet"], "--text", "label 3", "-k", "4"), Hits("search", _batch["s.index"], "--text", "label 3", "-k", "4"));

        var other = MLNet.Devise.Tests.Scoring.TinyBundle.Write(_batch["other"], seed: 9).Folder;
        Assert.Contains("another network", Fails("index", "add", _batch["s.index"], "--images", _batch["images"], "--bundle", other).Complaint, StringComparison.Ordinal);
        Assert.Contains("--images or --scores", Fails("index", "build", _batch.Bundle, "--out", _batch["x.index"]).Complaint, StringComparison.Ordinal);
        Assert.Contains("damaged", Fails("index", "verify", Damaged()).Complaint, StringComparison.Ordinal);

        string Damaged()
        {
            var bytes = File.ReadAllBytes(_batch["s.index"]);
            bytes[^100] ^= 1;
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(_batch["damaged.index"], bytes);
            return _batch["damaged.index"];
        }
    }

    [Fact]
    public void An_index_that_another_process_changes_is_left_to_it()
    {
        Json("index", "build", _batch.Bundle, "--images", _batch["images", "1*.png"], "--out", _batch["a.index"]);
        using (new FileStream(_batch["a.index.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose))
            foreach (var words in (string[][])[["add", "--images", _batch["images", "2.png"]], ["remove", "10.png"], ["rebuild"]])
                Busy(["index", words[0], _batch["a.index"], .. words[1..]]);
        using (new FileStream(_batch["a.index.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose))
            Busy(["index", "build", _batch.Bundle, "--images", _batch["images", "2*.png"], "--out", _batch["a.index"]]);
        Assert.Equal(10, Json("index", "remove", _batch["a.index"], _batch["images", "10.png"]).GetProperty("vectors").GetInt32());
        Assert.False(File.Exists(_batch["a.index.lock"]));
    }

    [Fact]
    public void A_misspelt_index_is_told_and_no_folder_is_made()
    {
        var gone = _batch["nowhere", "a.index"];
        foreach (var words in (string[][])[["add", gone, "--images", _batch["images"]], ["remove", gone, "1.png"], ["rebuild", gone]])
            Assert.Contains($"{gone}: no such index", Fails(["index", .. words]).Complaint, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_batch["nowhere"]));
        Assert.Contains($"{gone}: no such index or score file", Fails("search", gone, "--text", "label 1").Complaint, StringComparison.Ordinal);
        File.WriteAllText(_batch["empty.index"], "");
        Assert.Contains("build it again", Fails("search", _batch["empty.index"], "--text", "label 1").Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_of_another_network_or_dimension_are_refused_and_of_an_unknown_one_remarked()
    {
        var other = MLNet.Devise.Tests.Scoring.TinyBundle.Write(_batch["other"], seed: 9).Folder;
        Succeeds(Devise.Run("score", other, "--images", _batch["images", "1*.png"], "--out", _batch["s.csv"], "--embeddings"));
        Json("index", "build", _batch.Bundle, "--images", _batch["images", "2*.png"], "--out", _batch["a.index"]);
        foreach (var words in (string[][])[["index", "build", _batch.Bundle, "--scores", _batch["s.csv"], "--out", _batch["b.index"]], ["index", "add", _batch["a.index"], "--scores", _batch["s.csv"]], ["search", _batch["s.csv"], "--bundle", _batch.Bundle, "--text", "label 1"]])
            Assert.Contains("another network", Fails(words).Complaint, StringComparison.Ordinal);
        Assert.False(File.Exists(_batch["b.index"]));

        File.Delete(_batch["s.csv.stats.json"]);
        foreach (var words in (string[][])[["index", "build", _batch.Bundle, "--scores", _batch["s.csv"], "--out", _batch["b.index"]], ["search", _batch["s.csv"], "--bundle", _batch.Bundle, "--text", "label 1"]])
        {
            var run = Devise.Run(words);
            Succeeds(run);
            Assert.Contains("nothing says which network", run.Error, StringComparison.Ordinal);
        }

        File.WriteAllText(_batch["two.csv"], "Path,Status,Error,Labels,Scores,Embedding\nx.png,ok,,a,1,1;0\n");
        Assert.Contains($"{_batch["two.csv"]}: x.png has a vector of 2 values, expected", Fails("index", "add", _batch["a.index"], "--scores", _batch["two.csv"]).Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_photo_has_one_path_however_it_is_named()
    {
        var (list, photo) = (_batch.List(30), _batch["images", "17.png"]);
        Json("index", "build", _batch.Bundle, "--images", _batch["images", "1*.png"], "--out", _batch["p.index"]);
        foreach (var images in (string[])[photo, list, _batch["images"], _batch["", "**", "17.png"]]) Json("index", "add", _batch["p.index"], "--images", images);
        Assert.Equal(40, Json("index", "info", _batch["p.index"]).GetProperty("vectors").GetInt32());
        var path = Hits("search", _batch["p.index"], "--image", photo, "-k", "1").Single().Path;
        Assert.Equal(photo, path);
        Assert.Contains("-1 to 1", Fails("search", _batch["p.index"], "--image", photo, "--min", "5").Complaint, StringComparison.Ordinal);
        Assert.Contains("-1 to 1", Fails("search", _batch["p.index"], "--image", photo, "--min", "NaN").Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_does_not_take_the_place_of_something_else()
    {
        var list = _batch.List(20);
        var before = File.ReadAllText(list);
        Assert.Contains("is there already and is no index", Fails("index", "build", _batch.Bundle, "--images", list, "--out", list).Complaint, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(list));
        foreach (var _ in (int[])[1, 2]) Json("index", "build", _batch.Bundle, "--images", list, "--out", _batch["again.index"]);
    }

    public void Dispose() => _batch.Dispose();

    private static JsonElement Json(params string[] words)
    {
        var run = Devise.Run([.. words, "--json", "--quiet"]);
        Succeeds(run);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    private static (string Path, double Cosine)[] Hits(params string[] words) =>
        [.. Json(words).GetProperty("hits").EnumerateArray().Select(hit => (hit.GetProperty("path").GetString()!, hit.GetProperty("cosine").GetDouble()))];

    /// <summary>Not a mistake: trying again helps.</summary>
    private static void Busy(string[] words)
    {
        var result = Devise.Run(words);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("another process is changing this index", result.Complaint, StringComparison.Ordinal);
    }

    private static Devise Fails(params string[] words)
    {
        var run = Devise.Run(words);
        Assert.Equal(2, run.ExitCode);
        return run;
    }

    private static void Succeeds(Devise run) => Assert.True(run.ExitCode == 0, run.Error);
}
