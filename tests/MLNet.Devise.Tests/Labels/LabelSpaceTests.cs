using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class LabelSpaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_whole_phrase_comes_before_the_mean_of_its_words()
    {
        var path = _folder.Write("v.vec", "5 2\ngrizzly_bear 3 4\ngrizzly 1 0\nbear 0 2\npolar 5 0\nox 0 1\n");
        var labels = LabelSpace.FromVec(["grizzly+bear", "polar+bear", "ox"], path);
        Assert.Equal([0.6f, 0.8f], labels.Vector(0).ToArray());
        // The mean of unit vectors: the length of "polar" does not make it weigh more.
        Assert.Equal([MathF.Sqrt(0.5f), MathF.Sqrt(0.5f)], labels.Vector(1).ToArray().Select(value => value), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(["exact grizzly_bear", "mean of polar, bear", "exact ox"], labels.Origins);
    }

    [Theory]
    [InlineData("giant+panda"), InlineData("giant_panda"), InlineData("giant-panda"), InlineData("giantpanda")]
    public void Every_spelling_of_a_phrase_is_found(string entry)
    {
        Assert.Equal($"exact {entry}", LabelSpace.FromVec(["giant+panda"], _folder.Write("v.vec", $"1 2\n{entry} 0 1\n")).Origins[0]);
    }

    [Fact]
    public void Capital_letters_are_tried_as_they_are_and_then_lower()
    {
        Assert.Equal(["exact Persian", "exact cat"], LabelSpace.FromVec(["Persian", "Cat"], _folder.Write("v.vec", "3 1\npersian 1\nPersian 1\ncat 1\n")).Origins);
    }

    [Fact]
    public void Labels_without_vector_are_named_at_once_with_near_words()
    {
        var path = _folder.Write("v.vec", "4 1\nzebra 1\nzebras 1\nlion 1\npanda 1\n");
        Assert.Equal($"{path}: no vector for 3 of 4 labels: 'zebar' (near: zebra), 'qqqqq' (nothing near), 'giant+pand' (near: panda)",
            Assert.Throws<DeviseInputException>(() => LabelSpace.FromVec(["zebar", "lion", "qqqqq", "giant+pand"], path)).Message);
    }

    [Fact]
    public void Vectors_are_scaled_to_length_1_and_cosines_are_dot_products()
    {
        var labels = new LabelSpace(["a", "b"], [3, 4, 0, -2]);
        Assert.Equal([0.6f, 0.8f, 0, -1], labels.Vectors.ToArray());
        var cosines = new float[2];
        labels.Cosines([0, 1], cosines);
        Assert.Equal([0.8f, -1], cosines);
        Assert.Equal((1, -1), (labels.IndexOf("b"), labels.IndexOf("c")));
    }

    [Theory]
    [InlineData("giant panda", 1), InlineData("Giant+panda", 1), InlineData("GIANT_PANDA", 1), InlineData("Giant Panda", 1), InlineData("giant+panda", 0), InlineData("Polar bear", 2), InlineData("POLAR+BEAR", 2), InlineData("panda", -1)]
    public void A_label_is_found_in_any_spelling(string words, int label)
    {
        var labels = new LabelSpace([label == 0 ? "giant+panda" : "other", "Giant Panda", "polar+bear"], [1, 2, 3]);
        Assert.Equal(label, labels.Find(words));
    }

    [Fact]
    public void A_selection_keeps_names_vectors_and_origins_together()
    {
        var some = new LabelSpace(["a", "b", "c"], [1, 0, 0, 1, -1, 0], ["x", "y", "z"]).Select(["c", "a"]);
        Assert.Equal(["c", "a"], some.Names);
        Assert.Equal([-1, 0, 1, 0], some.Vectors.ToArray());
        Assert.Equal(["z", "x"], some.Origins);
        Assert.Throws<DeviseInputException>(() => some.Select(["b"]));
    }

    [Fact]
    public void What_is_written_reads_back_exactly()
    {
        var random = new Random(1);
        var labels = new LabelSpace(["a+b", "c"], Enumerable.Range(0, 600).Select(_ => random.NextSingle() - 0.5f).ToArray());
        labels.WriteVec(_folder["l.vec"]);
        var read = LabelSpace.ReadVec(_folder["l.vec"]);
        Assert.Equal(labels.Names, read.Names);
        for (var i = 0; i < 600; i++) Assert.Equal(labels.Vectors[i], read.Vectors[i], 1e-7f);
    }

    [Fact]
    public void A_name_that_a_file_cannot_hold_is_refused_before_it_is_written()
    {
        foreach (var (name, better) in (IEnumerable<(string, string)>)[("boeing 747", "boeing+747"), ("a b 1e3", "a+b+1e3"), ("two\nlines", "two+lines")])
            Assert.Contains($"('{better}')", Assert.Throws<DeviseInputException>(() => new LabelSpace([name], [1, 2]).WriteVec(_folder["l.vec"])).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        string[] names = ["747", "boeing+747", "747 boeing", "giant panda", "ends with a space "];
        new LabelSpace(names, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).WriteVec(_folder["l.vec"]);
        Assert.Equal(names, LabelSpace.ReadVec(_folder["l.vec"]).Names);
    }

    [Fact]
    public void A_vocabulary_tells_how_far_it_is_read_and_can_be_stopped()
    {
        var path = _folder.Write("v.vec", $"3000 2\n{string.Concat(Enumerable.Range(0, 3000).Select(i => $"w{i} 1 {i}\n"))}");
        var labels = new LabelSpace(["a"], [1, 2]);
        var seen = new List<(long, long?)>();
        Assert.Equal(3001, labels.WithWords(path, null, progress: (rows, all) => seen.Add((rows, all))).Names.Count);
        Assert.Equal((3000, 3000), seen[^1]);
        Assert.Throws<OperationCanceledException>(() => labels.WithWords(path, null, cancellation: new(canceled: true)));
    }

    [Fact]
    public void Nonsense_is_refused()
    {
        Assert.Throws<DeviseInputException>(() => new LabelSpace([], []));
        Assert.Throws<DeviseInputException>(() => new LabelSpace(["a", "a"], [1, 2]));
        Assert.Throws<DeviseInputException>(() => new LabelSpace(["a", "b"], [1, 2, 3]));
        Assert.Contains("label 'b'", Assert.Throws<DeviseInputException>(() => new LabelSpace(["a", "b"], [1, 0])).Message, StringComparison.Ordinal);
        Assert.Throws<DeviseInputException>(() => new LabelSpace(["a"], [float.NaN]));
    }

    [Theory]
    [InlineData("zebra", "zebra", 0), InlineData("zebar", "zebra", 1), InlineData("Zebra", "zebra", 0), InlineData("kitten", "sitting", 3), InlineData("abc", "", 3)]
    public void Distances_between_words(string a, string b, int distance)
    {
        Assert.Equal(distance, Spelling.Distance(a, b, 5));
        Assert.Equal(distance, Spelling.Distance(b, a, 5));
        if (distance > 1) Assert.True(Spelling.Distance(a, b, 1) > 1);
    }

    [Fact]
    public void Real_word_vectors_serve_all_of_AWA2()
    {
        var names = MLNet.Devise.Data.ClassList.Read(TestData.Require("awa2-metadata", "classes.txt"));
        var labels = LabelSpace.FromVec(names, TestData.Require("wordvecs", "awa2-50-classes-word2vec.300d.vec"));
        Assert.Equal((50, 300), (labels.Names.Count, labels.Dimension));
        var cosines = new float[50];
        labels.Cosines(labels.Vector(labels.IndexOf("killer+whale")), cosines);
        var nearest = cosines.Index().OrderByDescending(pair => pair.Item).Skip(1).First();
        Assert.Equal("dolphin", labels.Names[nearest.Index]);
    }

    public void Dispose() => _folder.Dispose();
}
