using System.Globalization;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Tests.Search;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class VocabularyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Words_compete_and_spellings_of_a_label_do_not()
    {
        // Image at 30°: fox (45°) before cat (0°); of the words that are neither, one is nearer than fox.
        var words = _folder.Write("v.vec", "6 2\nFox 0.87 0.5\nfox 0.7 0.7\nnear 0.9 0.5\nfar -1 0\nred_cat 0.866 0.5\nzero 0 0\n");
        var report = Evaluator.Run(new()
        {
            Labels = Scenario.LabelsAt(("red+cat", 0), ("fox", 45)),
            Seen = ["red+cat"],
            Unseen = ["fox"],
            Images = [new("a.jpg", "red+cat", Split.Valid, Scenario.At(2)), new("b.jpg", "fox", Split.Test, Scenario.At(30))],
            Vocabulary = new(words),
        });
        // Compete: both labels, near, far; Fox and red_cat spell labels.
        Assert.Equal((4, 1, 0), (report.Report.ZeroShot!.Vocabulary!.Labels, report.Report.ZeroShot.Vocabulary.Images, report.Report.ZeroShot.Vocabulary.Top1));
        Assert.Equal([1, 2], report.Predictions.Select(p => p.RankVocabulary!.Value));
        Assert.Equal(1, report.Report.ZeroShot.Vocabulary.Top3);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void It_equals_its_naive_twin(bool transformed)
    {
        const int Words = 1300, Dimension = 12;
        var vectors = Units.Random(Words, Dimension, 77);
        for (var i = 0; i < vectors.Length; i++) vectors[i] = vectors[i] * 3 + 0.1f;
        var path = _folder.Write("v.vec", $"{Words} {Dimension}\n" + string.Concat(Enumerable.Range(0, Words).Select(i => $"word{i} {string.Join(' ', vectors.Skip(i * Dimension).Take(Dimension).Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}\n")));
        var transform = transformed ? LabelTransform.Fit(path, new() { Kind = LabelTransformKind.Centre, Words = Words }) : null;
        var input = Scenario.Random(seen: 5, unseen: 4, further: 0, noise: 1.1f);
        var result = Evaluator.Run(input with { Vocabulary = new(path, transform) });
        var naive = new NaiveMetrics(input);
        var space = LabelSpace.ReadVec(path).Through(transform);
        var ranks = naive.Pool.Select(image => 1 + naive.Ranked(image, naive.Known).TakeWhile(label => label != image.Label).Count()
            + Enumerable.Range(0, Words).Count(word => Dot(image.Embedding, space.Vector(word)) > naive.Cosine(image, image.Label))).ToArray();
        Assert.Equal(ranks, result.Predictions.Select(p => p.RankVocabulary!.Value));
        Assert.Equal(Words + 9, result.Report.ZeroShot!.Vocabulary!.Labels);
        var unseen = ranks.Skip(naive.SeenImages.Length).ToArray();
        Assert.Equal(unseen.Count(rank => rank <= 10) / (double)unseen.Length, result.Report.ZeroShot.Vocabulary.Top10, 1e-12);
        Assert.InRange(ranks.Max(), 20, Words);

        static double Dot(float[] a, ReadOnlySpan<float> b)
        {
            var sum = 0.0;
            for (var i = 0; i < a.Length; i++) sum += a[i] * (double)b[i];
            return sum;
        }
    }

    [Fact]
    public void Vectors_of_another_size_are_refused() =>
        Assert.Contains("3 values a word, the labels have 12", Assert.Throws<DeviseInputException>(() =>
            Evaluator.Run(Scenario.Random(3, 2, 0) with { Vocabulary = new(_folder.Write("v.vec", "1 3\nword 1 2 3\n")) })).Message);

    public void Dispose() => _folder.Dispose();
}
