using System.Globalization;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class LabelTransformTests : IDisposable
{
    private const int Size = 9, Count = 150, Fitted = 120;

    private readonly TemporaryFolder _folder = new();
    private readonly float[][] _words = Words(Count, Size, 1);
    private readonly string _path;

    public LabelTransformTests() => _path = WriteVec("v.vec", _words);

    [Theory]
    [InlineData(LabelTransformKind.Centre, 3), InlineData(LabelTransformKind.AllButTheTop, 1), InlineData(LabelTransformKind.AllButTheTop, 4)]
    public void Centring_and_taking_off_components_equal_their_naive_twins(LabelTransformKind kind, int components)
    {
        var naive = new NaiveTransform(_words.Take(Fitted));
        var transform = LabelTransform.Fit(_path, new() { Kind = kind, Components = components, Words = Fitted })!;
        Assert.Equal((Fitted, Size), (transform.FittedWords, transform.Dimension));
        foreach (var vector in _words.Concat(Words(20, Size, 2)))
            Same(kind == LabelTransformKind.Centre ? naive.Centre(vector) : naive.WithoutTop(vector, components), Apply(transform, vector), 1e-5);
    }

    [Theory]
    [InlineData(1, 2), InlineData(0.5, 4)]
    public void Whitening_to_the_right_power_undoes_the_covariance(double strength, int power)
    {
        var naive = new NaiveTransform(_words.Take(Fitted));
        var transform = LabelTransform.Fit(_path, new() { Kind = LabelTransformKind.Whiten, Strength = strength, Words = Fitted })!;
        var map = new double[Size, Size];
        for (var i = 0; i < Size * Size; i++) map[i / Size, i % Size] = transform.Map[i];
        for (var i = 0; i < Size; i++)
            for (var j = 0; j < Size; j++) Assert.Equal(map[i, j], map[j, i], 1e-6);
        var product = Enumerable.Repeat(map, power).Aggregate(naive.Shrunk(), NaiveTransform.Times);
        for (var i = 0; i < Size; i++)
            for (var j = 0; j < Size; j++) Assert.Equal(i == j ? 1 : 0, product[i, j] / product[0, 0], 1e-4);
        foreach (var vector in Words(20, Size, 3))
            Same(NaiveTransform.Unit(NaiveTransform.Times(map, naive.Centre(vector))), Apply(transform, vector), 1e-5);
    }

    [Fact]
    public void Whitening_of_strength_0_only_centres()
    {
        var (whiten, centre) = (LabelTransform.Fit(_path, new() { Kind = LabelTransformKind.Whiten, Strength = 0 })!, LabelTransform.Fit(_path, new() { Kind = LabelTransformKind.Centre })!);
        foreach (var vector in _words) Same([.. Apply(centre, vector).Select(value => (double)value)], Apply(whiten, vector), 1e-5);
    }

    [Fact]
    public void Fewer_words_than_values_still_whiten_to_something_finite()
    {
        var words = Words(6, 40, 4);
        var transform = LabelTransform.Fit(WriteVec("few.vec", words), new() { Kind = LabelTransformKind.Whiten })!;
        Assert.Equal(6, transform.FittedWords);
        foreach (var vector in words.Concat(Words(10, 40, 5))) Assert.Equal(1, Apply(transform, vector).Sum(value => (double)value * value), 1e-5);
        // The two words that are most alike are less alike after it, and no direction got more than its fair share.
        Assert.InRange(transform.Map.ToArray().Max(), 0.01, 1 + 1e-6);
        Assert.True(NaiveCosine(Apply(transform, words[0]), Apply(transform, words[1])) < NaiveCosine(words[0], words[1]));
    }

    [Theory]
    [InlineData(2, 1), InlineData(16, 0.5), InlineData(800, 0.01)]
    public void Shrinkage_falls_with_the_number_of_words(int words, double expected)
    {
        // Variances 3 and 1: trace 4, squares 10; (0·10 + 16) / (words · (10 − 16/2)), at most 1.
        Assert.Equal(expected, LabelTransform.Shrinkage([3, 1], words), 1e-12);
        Assert.Equal(1, LabelTransform.Shrinkage([2, 2, 2], words));
    }

    [Fact]
    public void Nothing_asked_is_nothing_done()
    {
        Assert.Null(LabelTransform.Fit(_path, new()));
        var labels = new LabelSpace(["a"], [1, 2]);
        Assert.Same(labels, labels.Through(null));
    }

    [Fact]
    public void Labels_keep_their_names_and_origins()
    {
        var labels = LabelSpace.FromVec(["w3", "w5+w7"], _path);
        var transform = LabelTransform.Fit(_path, new() { Kind = LabelTransformKind.AllButTheTop })!;
        var through = labels.Through(transform);
        Assert.Equal(labels.Names, through.Names);
        Assert.Equal(["exact w3", "mean of w5, w7"], through.Origins);
        for (var i = 0; i < 2; i++) Same([.. Apply(transform, labels.Vector(i).ToArray()).Select(value => (double)value)], through.Vector(i).ToArray(), 1e-6);
    }

    [Fact]
    public void A_label_that_is_nothing_but_the_mean_is_named()
    {
        var transform = LabelTransform.Fit(WriteVec("two.vec", [[1, 0], [0, 1]]), new() { Kind = LabelTransformKind.Centre })!;
        Assert.False(transform.TryApply([0, 0], new float[2]));
        var still = new LabelTransform(new(), 2, [0.6f, 0.8f], null);
        Assert.Contains("label 'b'", Assert.Throws<DeviseInputException>(() => new LabelSpace(["a", "b"], [1, 0, 3, 4]).Through(still)).Message, StringComparison.Ordinal);
        Assert.Contains("labels of 3 values, the label transform takes 2", Assert.Throws<DeviseInputException>(() => new LabelSpace(["a"], [1, 0, 0]).Through(transform)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => transform.TryApply([1, 2, 3], new float[3]));
    }

    [Theory]
    [InlineData("1 2\na 1 2\n", LabelTransformKind.Centre, "1 words with a direction, expected at least 2")]
    [InlineData("3 2\na 1 2\nb 0 0\nc 0 0\n", LabelTransformKind.Whiten, "1 words with a direction")]
    [InlineData("3 2\na 1 2\nb 2 4\nc 3 6\n", LabelTransformKind.Whiten, "all its words have the same vector")]
    [InlineData("4 3\na 1 2 0\nb 2 1 0\nc 3 9 0\nd 1 0 0\n", LabelTransformKind.AllButTheTop, "labelTransform.components: 3, but its words vary in 2 directions only")]
    [InlineData("2 2\na 1 2\nb 1 x\n", LabelTransformKind.Centre, "1 words with a direction, expected at least 2")]
    public void A_file_that_cannot_be_fitted_is_named(string text, LabelTransformKind kind, string expected)
    {
        var error = Assert.Throws<DeviseInputException>(() => LabelTransform.Fit(_folder.Write("v2.vec", text), new() { Kind = kind }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(_folder["v2.vec"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Real_word_vectors_lose_their_common_part()
    {
        var path = TestData.Require("wordvecs", "googlenews-union-unitnorm.300d.vec");
        var names = MLNet.Devise.Data.ClassList.Read(TestData.Require("awa2-metadata", "classes.txt"));
        var labels = LabelSpace.FromVec(names, TestData.Require("wordvecs", "awa2-50-classes-word2vec.300d.vec"));
        double Mean(LabelSpace space) => (from i in Enumerable.Range(0, 50) from j in Enumerable.Range(0, i) select (double)NaiveCosine(space.Vector(i).ToArray(), space.Vector(j).ToArray())).Average();
        double[] means = [Mean(labels), .. ((LabelTransformKind[])[LabelTransformKind.Centre, LabelTransformKind.AllButTheTop, LabelTransformKind.Whiten]).Select(kind => Mean(labels.Through(LabelTransform.Fit(path, new() { Kind = kind }))))];
        TestContext.Current.SendDiagnosticMessage("mean cosine between labels: {0}", string.Join(", ", means.Select(mean => mean.ToString("F3", CultureInfo.InvariantCulture))));
        Assert.True(means[1] < means[0] && means[3] < means[1], string.Join(" ", means));
    }

    public void Dispose() => _folder.Dispose();

    internal static float[] Apply(LabelTransform transform, float[] vector)
    {
        var unit = new float[vector.Length];
        Assert.True(transform.TryApply(vector, unit));
        return unit;
    }

    /// <summary>Vectors with a large common part and very different variances, as words have them.</summary>
    internal static float[][] Words(int count, int size, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, size).Select(i => 0.7f + (float)((random.NextDouble() - 0.5) * 3 * Math.Pow(0.7, i))).ToArray())];
    }

    private string WriteVec(string name, float[][] words) => _folder.Write(name,
        $"{words.Length} {words[0].Length}\n{string.Concat(words.Select((values, i) => $"w{i} {string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}\n"))}");

    private static double NaiveCosine(float[] a, float[] b) => NaiveTransform.Unit(a).Zip(NaiveTransform.Unit(b), (x, y) => x * y).Sum();

    private static void Same(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }
}
