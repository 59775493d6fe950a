using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.FastText;

namespace MLNet.Devise.Tests.Labels.FastText;

/// <summary>Models and what fastText's own program says of their words: see <c>Fixtures/make.sh</c>.</summary>
public sealed class FastTextModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory, InlineData("skipgram"), InlineData("cbow"), InlineData("plain"), InlineData("supervised")]
    public void Vectors_of_words_in_and_out_of_the_vocabulary_are_fastTexts(string model)
    {
        using var words = WordVectors.Open(Fixture(model + ".bin"));
        var (vector, known, made) = (new float[8], 0, 0);
        foreach (var line in File.ReadLines(Fixture(model + ".txt")))
        {
            var parts = line.TrimEnd().Split(' ');
            float[] expected = [.. parts[1..].Select(part => float.Parse(part, CultureInfo.InvariantCulture))];
            vector.AsSpan().Clear();
            if (words.TryGet(parts[0], vector)) known++;
            else if (words.TryInfer(parts[0], vector)) made++;
            else Assert.All(expected, value => Assert.Equal(0, value));
            // It prints five digits, of values up to 0.2.
            for (var i = 0; i < 8; i++) Assert.Equal(expected[i], vector[i], 1e-5f);
        }
        Assert.Equal((8, model == "plain" ? 0 : 8), (known, made));
    }

    [Fact]
    public void Words_come_by_frequency_and_their_shares_are_counted()
    {
        using var words = WordVectors.Open(Fixture("skipgram.bin"));
        Assert.Equal("the", words.Word(0));
        Assert.Equal(1, Enumerable.Range(0, words.Count).Sum(words.Frequency), 1e-9);
        Assert.True(words.Frequency(words.IndexOf("the")) > 0.1);
        Assert.All(words.Words.Index(), pair => Assert.Equal(pair.Index, words.IndexOf(pair.Item)));
    }

    [Theory, InlineData("gz"), InlineData("zip")]
    public void A_packed_model_serves_without_unpacking_it_first(string packing)
    {
        var path = _folder["model.bin." + packing];
        if (packing == "gz")
        {
            using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
            gzip.Write(File.ReadAllBytes(Fixture("cbow.bin")));
        }
        else
        {
            using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
            zip.CreateEntryFromFile(Fixture("cbow.bin"), "cbow.bin");
        }
        Assert.ThrowsAny<OperationCanceledException>(() => WordVectors.Open(path, cancellation: new CancellationToken(true)));
        using var packed = WordVectors.Open(path);
        using var plain = WordVectors.Open(Fixture("cbow.bin"));
        Assert.Equal(plain.Words, packed.Words);
        Assert.Equal(plain.Nearest(Inferred(plain, "zebras"), 3), packed.Nearest(Inferred(packed, "zebras"), 3));
    }

    [Fact]
    public void Nearest_words_are_those_of_a_plain_sort()
    {
        using var words = WordVectors.Open(Fixture("skipgram.bin"));
        var query = Inferred(words, "zebras");
        double Cosine(string word)
        {
            var vector = new float[8];
            words.TryGet(word, vector);
            return vector.Zip(query, (a, b) => (double)a * b).Sum() / Math.Sqrt(vector.Sum(a => (double)a * a) * query.Sum(a => (double)a * a));
        }
        Assert.Equal(words.Words.OrderByDescending(Cosine).Take(5), words.Nearest(query, 5).Select(pair => pair.Word));
    }

    [Fact]
    public void Labels_are_made_of_n_grams_where_nothing_else_is_left()
    {
        var labels = LabelSpace.FromVec(["zebra", "zebras", "polar+bears", "polar+bear"], Fixture("skipgram.bin"));
        Assert.Equal(["exact zebra", "n-grams of zebras", "mean of polar, n-grams of bears", "mean of polar, bear"], labels.Origins);
        using var words = WordVectors.Open(Fixture("skipgram.bin"));
        Assert.Equal(new LabelSpace(["zebras"], Inferred(words, "zebras")).Vectors.ToArray(), labels.Vector(1).ToArray());
    }

    [Fact]
    public void A_quantised_model_and_other_versions_are_refused_by_name()
    {
        Assert.Contains("a quantised fastText model (.ftz)", Message(Fixture("supervised.ftz")), StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(Fixture("cbow.bin"));
        bytes[4] = 13;
        File.WriteAllBytes(_folder["new.bin"], bytes);
        Assert.Equal($"{_folder["new.bin"]}: a fastText model of version 13, this program reads 11 and 12; save it with fastText 0.9, or its vectors as .vec", Message(_folder["new.bin"]));
        File.WriteAllBytes(_folder["cut.bin"], bytes[..1000]);
        Assert.StartsWith($"{_folder["cut.bin"]}:", Message(_folder["cut.bin"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Supervised_models_of_version_11_have_no_n_grams()
    {
        var bytes = File.ReadAllBytes(Fixture("supervised.bin"));
        bytes[4] = 11;
        File.WriteAllBytes(_folder["old.bin"], bytes);
        using var words = WordVectors.Open(_folder["old.bin"]);
        Assert.True(words.Contains("zebra"));
        Assert.False(words.TryInfer("zebras", new float[8]));
    }

    [Theory]
    [InlineData("ab", 3, 3, "<ab,ab>"), InlineData("ab", 1, 2, "a,b,<a,ab,b>"), InlineData("é", 1, 3, "é,<é,é>,<é>"), InlineData("ab", 0, 0, ""), InlineData("ab", 5, 6, "")]
    public void N_grams_count_characters(string word, int shortest, int longest, string expected)
    {
        var found = new List<int>();
        Subwords.Collect(Encoding.UTF8.GetBytes(word), shortest, longest, 1_000_003, found);
        string[] grams = expected.Split(',', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(grams.Select(gram => (int)(Subwords.Hash(Encoding.UTF8.GetBytes(gram)) % 1_000_003)).Order(), found.Order());
    }

    public void Dispose() => _folder.Dispose();

    private static float[] Inferred(WordVectors words, string word)
    {
        var vector = new float[words.Dimension];
        Assert.True(words.TryInfer(word, vector));
        return vector;
    }

    private static string Message(string path) => Assert.Throws<DeviseInputException>(() => WordVectors.Open(path)).Message;

    internal static string Fixture(string name) => Path.Combine(Path.GetDirectoryName(ThisFile())!, "Fixtures", name);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
