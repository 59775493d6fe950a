using MLNet.Devise.Labels;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class KnownLabelsTests : IDisposable
{
    private const int Tench = 0, Goldfish = 1, GreatWhite = 2, Tabby = 281, Tiger = 292, Zebra = 340, Hog = 341, Panda = 388;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void There_are_a_thousand_classes_in_the_order_of_the_logits()
    {
        Assert.Equal(1000, ImageNetClasses.Synonyms.Count);
        Assert.All(ImageNetClasses.Synonyms, synonyms => Assert.All(synonyms, synonym => Assert.Matches("^[^ \t,]+$", synonym)));
        Assert.Equal(["tench", "goldfish", "great_white_shark", "tabby", "tiger", "zebra", "hog", "giant_panda", "toilet_tissue"],
            new[] { Tench, Goldfish, GreatWhite, Tabby, Tiger, Zebra, Hog, Panda, 999 }.Select(i => ImageNetClasses.Synonyms[i][0]));
        Assert.Contains("pig", ImageNetClasses.Synonyms[Hog]);
    }

    [Fact]
    public void A_synonym_is_found_as_it_stands_else_by_its_words_else_by_its_last_one()
    {
        var known = KnownLabels.Of(Vectors(("carassius_auratus", [2, 0, 0]), ("great", [1, 0, 0]), ("white", [0, 1, 0]), ("shark", [0, 0, 1]), ("cat", [0, 3, 4])), [], null);
        Assert.Equal([1f, 0, 0], Of(known, Goldfish));
        // Of great_white_shark and white_shark the first is whole.
        Assert.All(Of(known, GreatWhite), value => Assert.Equal(1 / Math.Sqrt(3), value, 1e-6));
        // Tabby has tabby_cat among its synonyms.
        Assert.Equal([0f, 0.6f, 0.8f], Of(known, Tabby));
        Assert.DoesNotContain(Tench, known.Classes);
        Assert.Equal(known.Classes.Order(), known.Classes);
        Assert.Equal(known.Classes.Count * 3, known.Vectors.Length);
    }

    [Theory]
    [InlineData("giant+panda", Panda, true), InlineData("red+panda", Panda, true), InlineData("pig", Hog, true), InlineData("PIG", Hog, true)]
    [InlineData("persian+cat", Tabby, true), InlineData("tiger", Tabby, false), InlineData("zeb", Zebra, false), InlineData("giant+tiger+lily", Tiger, false)]
    public void A_class_is_named_by_its_name_and_by_its_last_word(string name, int row, bool named)
    {
        Assert.Equal(named, KnownLabels.Names(ImageNetClasses.Synonyms[row], name));
        var known = KnownLabels.Of(Vectors((ImageNetClasses.Synonyms[row][0], [1, 2, 3])), [name], null);
        Assert.Equal(named, !known.Classes.Contains(row));
    }

    [Fact]
    public void Vectors_go_through_the_label_transform()
    {
        var file = Vectors(("zebra", [1, 0, 0]), ("tiger", [0, 1, 0]));
        var labels = LabelSpace.FromVec(["zebra", "tiger"], file);
        var transform = LabelTransform.Fit(file, new() { Kind = LabelTransformKind.Centre, Words = 0 }, labels);
        var known = KnownLabels.Of(file, [], transform);
        Assert.Equal(labels.Through(transform).Vector(0).ToArray(), Of(known, Zebra), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    private static float[] Of(KnownLabels known, int row) => known.Vectors.AsSpan(known.Classes.ToList().IndexOf(row) * known.Dimension, known.Dimension).ToArray();

    private string Vectors(params (string Word, float[] Values)[] words) =>
        _folder.Write("words.vec", $"{words.Length} 3\n" + string.Concat(words.Select(word => FormattableString.Invariant($"{word.Word} {word.Values[0]} {word.Values[1]} {word.Values[2]}\n"))));
}
