using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class PhraseFinderTests : IDisposable
{
    private const string Words = "8 2\nthe 1 1\nbear 0 2\npolar 3 0\norca 1 2\nGerman_Shepherd 2 1\nPersian 1 0\ncat 0 1\nice_bear 1 3\n";

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public PhraseFinderTests() => _path = _folder.Write("v.vec", Words);

    [Theory]
    [InlineData("german+shepherd", "exact German_Shepherd"), InlineData("Orca", "exact orca"), InlineData("persian+cat", "mean of Persian, cat"), InlineData("killer+whale", "alias orca"), InlineData("Killer whale", "alias orca"), InlineData("polar_bear", "mean of polar, bear")]
    public void Entries_come_before_aliases_and_aliases_before_compositions(string name, string how) => Assert.Equal(how, Origin(name, new()));

    [Fact]
    public void Aliases_of_ones_own_are_tried_in_order_and_may_be_phrases()
    {
        _folder.Write("aliases.txt", "# other names\n\nKiller Whale = free willy, polar bear\npolar+bear = unknown, ice bear, cat\nox=cow\nbear = cat\n");
        var options = new PhraseOptions { Aliases = PhraseAliases.Read(_folder["aliases.txt"]) };
        Assert.Equal("alias ice_bear", Origin("polar+bear", options));
        Assert.Equal("alias polar bear, mean of polar, bear", Origin("killer+whale", options));
        // It has an entry.
        Assert.Equal("exact bear", Origin("bear", options));
        Assert.Contains("no vector for 1 of 1 labels: 'ox'", Assert.Throws<DeviseInputException>(() => Origin("ox", options)).Message, StringComparison.Ordinal);
        Assert.Throws<DeviseInputException>(() => Origin("killer+whale", new() { Awa2Aliases = false }));
    }

    [Theory]
    [InlineData("bear", ":1: 'bear', expected 'name = other name, another one'"), InlineData("a = b\n = c", ":2: '= c'"), InlineData("a = ,", ":1: 'a = ,'"), InlineData("a = b = c", ":1:"), InlineData("a b = c\nA+b = d", ":2: 'A+b' is there twice")]
    public void A_table_that_is_none_is_refused_by_line(string text, string expected) =>
        Assert.StartsWith(_folder["a.txt"] + expected, Assert.Throws<DeviseInputException>(() => PhraseAliases.Read(_folder.Write("a.txt", text))).Message, StringComparison.Ordinal);

    [Fact]
    public void Rare_words_count_more_by_their_rank()
    {
        var options = new PhraseOptions { Composition = PhraseComposition.Sif, SifWeight = 0.1 };
        var match = Find("polar+bear", options, out var unit);
        // Zipf: the word of rank r has 1/r of the first one's share.
        var harmonic = Enumerable.Range(1, 8).Sum(rank => 1.0 / rank);
        double Weight(int rank) => 0.1 / (0.1 + 1 / (rank * harmonic));
        var share = Weight(3) / (Weight(3) + Weight(2));
        Assert.Equal(share, match.Parts[0].Weight, 1e-9);
        Assert.Equal([("polar", 2L), ("bear", 1L)], match.Parts.Select(part => (part.Word, part.Rank!.Value)));
        Assert.Equal(share / (1 - share), unit[0] / unit[1], 1e-5);
        Assert.StartsWith("sif of polar 0.5", match.How, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_is_the_last_word()
    {
        var match = Find("the+polar+bear", new() { Composition = PhraseComposition.Head, HeadWeight = 0.6 }, out _);
        Assert.Equal([0.2, 0.2, 0.6], match.Parts.Select(part => part.Weight), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal("head of the 0.20, polar 0.20, bear 0.60", match.How);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        void Refused(string expected, PhraseOptions options) => Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => LabelSpace.FromVec(["bear"], _path, options)).Message, StringComparison.Ordinal);
        Refused("phrases.sifWeight: 0", new() { SifWeight = 0 });
        Refused("phrases.headWeight: 2", new() { HeadWeight = 2 });
        Refused("phrases.aliases: 'x'", new() { Aliases = new Dictionary<string, IReadOnlyList<string>> { ["x"] = [] } });
    }

    [Fact]
    public void What_was_left_out_of_the_file_is_told()
    {
        var (path, told) = (_folder.Write("bad.vec", "3 1\na 1\nb x\nc 2\n"), new List<string>());
        LabelSpace.FromVec(["a"], path, remark: told.Add);
        Assert.Empty(told);
        LabelSpace.FromVec(["a", "c"], _folder.Write("bad.vec", "3 1\na 1\na 2\nc 2\n"), remark: told.Add);
        Assert.Contains("word 2, 'a', was there before", Assert.Single(told), StringComparison.Ordinal);
        _folder.Write("bad.vec", "3 1\na 1\nb x\nc 2\n");
        Assert.Contains("'b' (near: a, c); 1 rows of the file cannot be read, the first: " + path + ":3: value 1 is 'x'", Assert.Throws<DeviseInputException>(() => LabelSpace.FromVec(["a", "b"], path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Origin(string name, PhraseOptions options) => LabelSpace.FromVec([name], _path, options).Origins[0];

    private PhraseMatch Find(string name, PhraseOptions options, out float[] unit)
    {
        using var words = WordVectors.Open(_path);
        unit = new float[2];
        Assert.True(new PhraseFinder(words, options).TryFind(name, unit, out var match));
        return match;
    }
}
