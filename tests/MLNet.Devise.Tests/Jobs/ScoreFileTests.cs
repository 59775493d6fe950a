using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Jobs;

public sealed class ScoreFileTests : IDisposable
{
    private const string Header = "Path,Status,Error,Labels,Scores";
    private readonly TemporaryFolder _folder = new();

    private static readonly ScoredImage[] Rows =
    [
        new("a.jpg", ImageStatus.Ok, "", ["giant+panda", "ox"], [0.1f, -1f / 3], new float[] { float.Epsilon, -0.25f, 1e10f }),
        new("\"quoted\", näme\nwith line.jpg", ImageStatus.TooLarge, "12000×9000 pixels, \"at most\" 100", [], [], null),
        new(" spaced ", ImageStatus.Ok, "", ["a\"b"], [1f], new float[] { 1, 2, 3 }),
    ];

    [Theory]
    [InlineData("a.csv", true), InlineData("a.csv", false), InlineData("a.jsonl", true), InlineData("A.JSONL", false), InlineData("a.parquet", true), InlineData("a.parquet", false)]
    public void Rows_read_back_exactly(string name, bool embeddings)
    {
        ScoreFile.Write(_folder[name], Rows, embeddings);
        var rows = ScoreFile.Read(_folder[name]).ToArray();
        Assert.Equal(Rows.Length, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal((Rows[i].Path, Rows[i].Status, Rows[i].Error), (rows[i].Path, rows[i].Status, rows[i].Error));
            Assert.Equal(Rows[i].Labels, rows[i].Labels);
            Assert.Equal(Rows[i].Scores, rows[i].Scores);
            Assert.Equal(embeddings ? Rows[i].Embedding?.ToArray() : null, rows[i].Embedding?.ToArray());
        }
    }

    [Fact]
    public void The_formats_are_as_documented()
    {
        ScoreFile.Write(_folder["a.csv"], Rows[..1], embeddings: true);
        Assert.Equal("Path,Status,Error,Labels,Scores,Embedding\na.jpg,ok,,giant+panda;ox,0.1;-0.33333334,1E-45;-0.25;1E+10\n", File.ReadAllText(_folder["a.csv"]));
        ScoreFile.Write(_folder["a.jsonl"], Rows[..2], embeddings: true);
        Assert.Equal(
            """
            {"Path":"a.jpg","Status":"ok","Error":"","Labels":["giant+panda","ox"],"Scores":[0.1,-0.33333334],"Embedding":[1E-45,-0.25,1E+10]}
            {"Path":"\"quoted\", näme\nwith line.jpg","Status":"too-large","Error":"12000×9000 pixels, \"at most\" 100","Labels":[],"Scores":[],"Embedding":null}

            """, File.ReadAllText(_folder["a.jsonl"]));
    }

    [Fact]
    public void Reading_and_writing_stream()
    {
        var written = 0;
        Assert.Throws<InvalidOperationException>(() => ScoreFile.Write(_folder["a.csv"], Endless(), embeddings: false));
        Assert.Equal(10_000, written);
        Assert.False(File.Exists(_folder["a.csv"]));
        ScoreFile.Write(_folder["a.csv"], Enumerable.Repeat(Rows[0], 5), embeddings: false);
        File.AppendAllText(_folder["a.csv"], "broken\n");
        Assert.Equal(5, ScoreFile.Read(_folder["a.csv"]).Take(5).Count());

        IEnumerable<ScoredImage> Endless()
        {
            while (true)
            {
                if (written++ == 9_999) throw new InvalidOperationException("enough");
                yield return Rows[0];
            }
        }
    }

    [Theory]
    [InlineData("", "header '', expected Path,Status,Error,Labels,Scores[,Embedding][,further columns]", 1)]
    [InlineData("Path,Labels\n", "header 'Path,Labels', expected Path,Status,Error,Labels,Scores[,Embedding][,further columns]", 1)]
    [InlineData(Header + "\na,ok,,x,1\na,fine,,x,1\n", "status 'fine', expected one of ok, missing, corrupt, too-large, unsupported", 3)]
    [InlineData(Header + "\na,ok,,x;y,1\n", "2 labels and 1 scores, expected as many", 2)]
    [InlineData(Header + "\na,ok,,x;y,1;z\n", "'z', expected numbers joined with ';'", 2)]
    [InlineData(Header + "\na,ok,,x,NaN\n", "a score that is not finite", 2)]
    [InlineData(Header + "\na,ok,,x\n", "Expected as many fields as the header has", 2)]
    [InlineData(Header + "\na,ok,,x,\"1\n", "", 2)]
    [InlineData(Header + "\n\"a\"b,ok,,x,1\n", "", 2)]
    [InlineData(Header + "\n\"a\nb\",ok,,x,1\na,ok,,x,1\n\"a,ok,,x,1\n", "", 5)]
    [InlineData(Header + ",Embedding\na,ok,,x,1,1;2\nb,ok,,x,1,1;2;3\n", "an embedding of 3 values, expected 2 as in the rows before", 3)]
    [InlineData(Header + ",Embedding\na,ok,,x,1,1;Infinity\n", "an embedding that is not finite", 2)]
    public void A_bad_CSV_is_told_by_line(string text, string message, int line) => Fails(_folder.Write("a.csv", text), message, line);

    [Theory]
    [InlineData("nonsense", "not a score row", 2)]
    [InlineData("{\"Path\":\"a\"}", "not a score row", 2)]
    [InlineData("null", "not a score row", 2)]
    [InlineData("""{"Path":"a","Status":"ok","Error":"","Labels":["x"],"Scores":["1"]}""", "not a score row", 2)]
    [InlineData("""{"Path":"a","Status":"ok","Error":"","Labels":["x"],"Scores":[1,2]}""", "1 labels and 2 scores", 2)]
    [InlineData("""{"Path":"a","Status":"ok","Error":"","Labels":[null],"Scores":[1]}""", "a null", 2)]
    [InlineData("""{"Path":null,"Status":"ok","Error":"","Labels":[],"Scores":[]}""", "a null", 2)]
    [InlineData("""{"Path":"a","Status":"fine","Error":"","Labels":[],"Scores":[]}""", "status 'fine'", 2)]
    [InlineData("""{"Path":"a","Status":"ok","Error":"","Labels":[],"Scores":[],"Embedding":[]}""", "an embedding of 0 values", 2)]
    public void A_bad_JSONL_is_told_by_line(string text, string message, int line) =>
        Fails(_folder.Write("a.jsonl", """{"Path":"a","Status":"ok","Error":"","Labels":[],"Scores":[]}""" + "\n" + text), message, line);

    [Fact]
    public void A_label_with_the_joint_in_it_is_refused_in_CSV_and_kept_in_JSONL()
    {
        ScoredImage[] rows = [new("a", ImageStatus.Ok, "", ["x;y"], [1f], null)];
        Assert.Contains("write a .parquet or .jsonl instead", Assert.Throws<DeviseInputException>(() => ScoreFile.Write(_folder["a.csv"], rows, false)).Message, StringComparison.Ordinal);
        ScoreFile.Write(_folder["a.jsonl"], rows, false);
        Assert.Equal(["x;y"], Assert.Single(ScoreFile.Read(_folder["a.jsonl"])).Labels);
    }

    [Fact]
    public void Files_that_are_not_there_or_end_otherwise_are_named()
    {
        Assert.Contains("no such score file", Assert.Throws<DeviseInputException>(() => ScoreFile.Read(_folder["a.csv"])).Message, StringComparison.Ordinal);
        Assert.Contains("ending '.txt'", Assert.Throws<DeviseInputException>(() => ScoreFile.Read(_folder.Write("a.txt", ""))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void Fails(string path, string message, int line)
    {
        var error = Assert.Throws<DeviseInputException>(() => ScoreFile.Read(path).Count()).Message;
        Assert.StartsWith($"{path}:{line}: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
