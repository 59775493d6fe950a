using System.Text.Json;
using MLNet.Devise.Stores.Tests;

namespace MLNet.Devise.Cli.Tests;

/// <summary>An index pushed into real stores and asked there.</summary>
public sealed class StoreTests(PostgresServer postgres, GarnetCluster garnet) : IClassFixture<PostgresServer>, IClassFixture<GarnetCluster>, IDisposable
{
    private readonly Batch _batch = new();

    [Fact]
    public void A_table_answers_as_the_index_it_came_from() => Answers(postgres.Address("devise_test_cli"));

    [Fact]
    public void A_cluster_answers_as_the_index_it_came_from_and_says_when_a_part_is_missing()
    {
        var address = $"garnet://{garnet.Require()}?name=cli&shards=6&ef=400";
        Answers(address);

        garnet.Kill(2);
        var run = Devise.Run("search", address, "--text", "label 3", "-k", "40", "--bundle", _batch.Bundle, "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("partial answer", run.Complaint, StringComparison.Ordinal);
        var answer = JsonDocument.Parse(run.Output).RootElement;
        Assert.True(answer.GetProperty("partial").GetBoolean());
        Assert.InRange(answer.GetProperty("hits").GetArrayLength(), 1, 39);
        Assert.NotEqual(0, Devise.Run("index", "push", _batch["photos.index"], "--to", address).ExitCode);
    }

    [Fact]
    public void A_store_that_cannot_be_used_is_told_without_its_password()
    {
        Build();
        foreach (var address in (string[])["postgres://me:hidden@127.0.0.1:9/photos", "garnet://:hidden@127.0.0.1:9", "garnet://:a,hidden@127.0.0.1:9", "garnet://me:a%2Chidden%3D@127.0.0.1:9?shards=3"])
            foreach (var run in (Devise[])[Devise.Run("index", "push", _batch["photos.index"], "--to", address), Devise.Run("search", address, "--text", "label 3", "--bundle", _batch.Bundle)])
            {
                Assert.True(run.ExitCode == 1, run.Error);
                Assert.Contains("127.0.0.1:9", run.Complaint, StringComparison.Ordinal);
                Assert.DoesNotContain("hidden", run.Output + run.Error, StringComparison.Ordinal);
            }
        Assert.Contains("no such variable", Fails("env:DEVISE_TEST_NO_SUCH"), StringComparison.Ordinal);
        Assert.Contains("postgres://user@host/database", Fails("postgres://hidden"), StringComparison.Ordinal);
        Assert.Contains("expected a number", Fails("garnet://127.0.0.1:9?shards=many"), StringComparison.Ordinal);
        Assert.Contains("sslmode", Fails("postgres://me@h/d?sslmode=perhaps"), StringComparison.Ordinal);
        Assert.Contains("unknown key 'tabel' in the store's address, did you mean 'table'? expected one of table, ef, copy, sslmode", Fails("postgres://me@h/d?tabel=x"), StringComparison.Ordinal);
        Assert.Contains("unknown key 'nmae' in the store's address, did you mean 'name'? expected one of name, shards, ef", Fails("garnet://127.0.0.1:9?nmae=photos"), StringComparison.Ordinal);
        Assert.Contains("unknown key 'ssl'", Fails("garnet://127.0.0.1:9?ssl=true"), StringComparison.Ordinal);
        Assert.Contains("expected on or off", Fails("postgres://me@h/d?copy=of"), StringComparison.Ordinal);
        Assert.Contains("stands twice", Fails("garnet://127.0.0.1:9?ef=1&ef=2"), StringComparison.Ordinal);
        foreach (var address in (string[])["garnet://:hid?den@127.0.0.1:9", "postgres://me:hid?den@h/d", "garnet://:hidden", "garnet://127.0.0.1:9,ssl=hidden", "garnet://127.0.0.1:hidden", "garnet://127.0.0.1:99999", "garnet://"])
            Assert.DoesNotContain("den", Fails(address).Replace("hidden by", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("--to", Fails("mysql://h/d"), StringComparison.Ordinal);

        string Fails(string address)
        {
            var run = Devise.Run("index", "push", _batch["photos.index"], "--to", address);
            Assert.Equal(2, run.ExitCode);
            return run.Complaint;
        }
    }

    [Fact]
    public void Scores_that_say_nothing_of_their_network_are_remarked()
    {
        var scores = Scored("new0.png");
        string[] push = ["index", "push", scores, "--to", "postgres://me@127.0.0.1:9/photos"];
        Assert.DoesNotContain("nothing says which network", Devise.Run(push).Error, StringComparison.Ordinal);
        File.Delete($"{scores}.stats.json");
        Assert.Contains("nothing says which network made its vectors, and nothing is checked", Devise.Run(push).Error, StringComparison.Ordinal);
    }

    public void Dispose() => _batch.Dispose();

    private void Answers(string address)
    {
        Build();
        var store = new Dictionary<string, string> { ["DEVISE_TEST_STORE"] = address };
        var pushed = Json(store, "index", "push", _batch["photos.index"], "--to", "env:DEVISE_TEST_STORE");
        Assert.Equal((40, 40), (pushed.GetProperty("pushed").GetInt32(), pushed.GetProperty("vectors").GetInt32()));

        string[] image = ["--image", _batch["images", "17.png"], "-k", "40"], text = ["--text", "label 3", "-k", "7"];
        foreach (var query in (string[][])[image, text])
            Same(Hits(Json([], ["search", _batch["photos.index"], .. query])), Hits(Json(store, ["search", "env:DEVISE_TEST_STORE", .. query, "--bundle", _batch.Bundle])));
        Assert.All(Hits(Json(store, ["search", "env:DEVISE_TEST_STORE", .. image, "--min", ".9", "--bundle", _batch.Bundle])), hit => Assert.InRange(hit.Cosine, 0.9, 1.001));

        // What was not pushed is not there, nor found in part.
        foreach (var (elsewhere, expected) in (address.StartsWith("garnet", StringComparison.Ordinal) ? (string[][])[["name=gone&shards=6", "no images under this name"], ["name=cli&shards=5", "shards=6"]] : []).Select(pair => (pair[0], pair[1])))
        {
            var refused = Devise.Run("search", $"{address[..address.IndexOf('?', StringComparison.Ordinal)]}?{elsewhere}", "--text", "label 3", "--bundle", _batch.Bundle);
            Assert.True(refused.ExitCode == 2, refused.Error);
            Assert.Contains(expected, refused.Complaint, StringComparison.Ordinal);
        }
        if (address.StartsWith("garnet", StringComparison.Ordinal))
            Assert.Equal(40, Hits(Json([], ["search", $"{address[..address.IndexOf('?', StringComparison.Ordinal)]}?name=cli&ef=400", .. image, "--bundle", _batch.Bundle])).Length);

        // Scores of other images come in beside them; the same paths again replace.
        Pushed(2, 42, Scored("new0.png", "new1.png"));
        Pushed(40, 42, _batch["photos.index"]);

        // The store remembers the network: another one's questions and vectors are refused.
        var other = MLNet.Devise.Tests.Scoring.TinyBundle.Write(_batch["other"], seed: 9).Folder;
        foreach (var words in (string[][])[["search", "env:DEVISE_TEST_STORE", "--text", "label 3", "--bundle", other], ["index", "push", _batch["new.parquet"], "--to", "env:DEVISE_TEST_STORE", "--bundle", other]])
        {
            var refused = Devise.Run(store, words);
            Assert.True(refused.ExitCode == 2, refused.Error);
            Assert.Contains("cannot be compared", refused.Complaint, StringComparison.Ordinal);
        }
        // Scores know it too, and where they do not, that is said.
        Json([], "score", other, "--images", _batch["images", "new*.png"], "--out", _batch["others.parquet"], "--embeddings");
        string[] push = ["index", "push", _batch["others.parquet"], "--to", "env:DEVISE_TEST_STORE"];
        var strange = Devise.Run(store, push);
        Assert.True(strange.ExitCode == 2, strange.Error);
        Assert.Contains("cannot be compared", strange.Complaint, StringComparison.Ordinal);
        Pushed(2, 42, _batch["new.parquet"]);

        void Pushed(int count, int held, string file)
        {
            var answer = Json(store, "index", "push", file, "--to", "env:DEVISE_TEST_STORE");
            Assert.Equal((count, held), (answer.GetProperty("pushed").GetInt32(), answer.GetProperty("vectors").GetInt32()));
        }
    }

    private void Build() => Json([], "index", "build", _batch.Bundle, "--images", _batch["images"], "--out", _batch["photos.index"], "--storage", "fp32");

    private string Scored(params string[] names)
    {
        for (var i = 0; i < names.Length; i++) MLNet.Devise.Tests.Scoring.Pictures.Save(_batch["images", names[i]], 24, 20, 100 + i);
        Json([], "score", _batch.Bundle, "--images", _batch["images", "new*.png"], "--out", _batch["new.parquet"], "--embeddings");
        return _batch["new.parquet"];
    }

    /// <summary>Equal but for rounding, which may swap neighbours.</summary>
    private static void Same((string Path, double Cosine)[] expected, (string Path, double Cosine)[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i].Cosine, found[i].Cosine, 1e-4);
        Assert.True(expected.Select(hit => hit.Path).Intersect(found.Select(hit => hit.Path)).Count() >= expected.Length - 1);
        Assert.Equal(expected[0].Path, found[0].Path);
    }

    private static (string Path, double Cosine)[] Hits(JsonElement answer) =>
        [.. answer.GetProperty("hits").EnumerateArray().Select(hit => (hit.GetProperty("path").GetString()!, hit.GetProperty("cosine").GetDouble()))];

    private static JsonElement Json(Dictionary<string, string> environment, params string[] words)
    {
        var run = Devise.Run(environment, [.. words, "--json", "--quiet"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
