using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class DistractorsTests : IDisposable
{
    // The values of a word: its line and 1, so that a unit vector tells which word it is.
    private static readonly string[] Words =
    [
        "the", "zebra", "Zebra", "ZEBRAS", "polar", "Bears", "polar_bear", "PolarBear", "polar-bears", "the", "nothing", "ox", "oxes", "oxen", "grass", "bus",
        "buses", "polarised", "blue_whale", "whale's", "Persian", "cats", "the_s", "water",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public DistractorsTests() => _path = _folder.Write("v.vec", $"{Words.Length} 2\n" + string.Concat(Words.Select((word, i) => word == "nothing" ? $"{word} 0 0\n" : $"{word} {i} 1\n")));

    [Fact]
    public void Labels_their_words_spellings_and_plurals_are_none_in_any_case()
    {
        var found = Named(Distractors.Read(_path, 100, ["zebra", "polar+bear", "ox", "persian+cat", "blue+whale"], null));
        Assert.Equal(["the", "oxen", "grass", "bus", "buses", "polarised", "whale's", "the_s", "water"], found);
    }

    [Fact]
    public void They_are_the_first_of_the_file_and_no_more_than_asked()
    {
        Assert.Equal(["the", "zebra", "Zebra", "ZEBRAS"], Named(Distractors.Read(_path, 4, ["nobody"], null)));
        Assert.Empty(Distractors.Read(_path, 0, ["nobody"], null));
        // What comes after the last one wanted is not read.
        var cut = _folder.Write("cut.vec", "4 2\na 1 1\nb 2 1\nc x y\n");
        Assert.Equal(4, Distractors.Read(cut, 2, ["z"], null).Length);
        Assert.Contains("cut.vec:4: the file ends after 3 words", Assert.Throws<DeviseInputException>(() => Distractors.Read(cut, 3, ["z"], null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void They_go_through_the_same_transform_as_labels()
    {
        var transform = LabelTransform.Fit(_path, new() { Kind = LabelTransformKind.Whiten })!;
        Assert.Equal(new LabelSpace(["the", "zebra"], [0, 1, 1, 1]).Through(transform).Vectors.ToArray(), Distractors.Read(_path, 2, ["nobody"], transform), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Real_vectors_have_no_animal_of_the_labels_among_them()
    {
        var path = TestData.Require("wordvecs", "animals840-word2vec.300d.vec");
        var names = MLNet.Devise.Data.ClassList.Read(TestData.Require("awa2-metadata", "classes.txt"));
        var labels = LabelSpace.FromVec([.. names.Where(name => WordVectors.Open(path).Contains(name))], path);
        var found = Distractors.Read(path, 10_000, names, null);
        Assert.InRange(found.Length / 300, 500, 839);
        for (var i = 0; i < found.Length; i += 300)
        {
            var cosines = new float[labels.Names.Count];
            labels.Cosines(found.AsSpan(i, 300), cosines);
            Assert.All(cosines, cosine => Assert.True(cosine < 0.9999f));
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Named(float[] vectors) => [.. vectors.Chunk(2).Select(vector => Words[(int)Math.Round(vector[0] / vector[1])])];
}
