using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Ranking;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Tests.Jobs;

public sealed class ImageScorerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1), InlineData(3), InlineData(16)]
    public void Rows_come_in_the_order_of_the_paths_whatever_the_workers(int workers)
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        // Large and small ones in turn, so that later ones are done first.
        var paths = Enumerable.Range(0, 40).Select(i => i % 7 == 3 ? _folder[$"no{i}.png"] : Pictures.Save(_folder[$"{i}.png"], i % 2 == 0 ? 200 : 4, i % 2 == 0 ? 200 : 4, i)).ToArray();
        using var one = new ImageScorer(bundle, workers: 1);
        using var several = new ImageScorer(bundle, workers: workers);
        var (expected, rows) = (one.Score(paths).ToArray(), several.Score(paths).ToArray());
        Assert.Equal(paths, rows.Select(row => row.Path));
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(i % 7 == 3 ? ImageStatus.Missing : ImageStatus.Ok, rows[i].Status);
            Assert.Equal(expected[i].Labels, rows[i].Labels);
            Assert.Equal(expected[i].Scores, rows[i].Scores);
            Assert.Equal(expected[i].Embedding?.ToArray(), rows[i].Embedding?.ToArray());
        }
    }

    [Fact]
    public void A_large_vocabulary_is_ranked_for_several_images_together_as_for_each_alone()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        var labels = new LabelSpace([.. Enumerable.Range(0, (1 << 16) + 33).Select(i => $"word{i}")], TinyBundle.Random(((1 << 16) + 33) * TinyBundle.Dimension, 5));
        var paths = Enumerable.Range(0, 37).Select(i => i % 9 == 4 ? _folder[$"no{i}.png"] : Pictures.Save(_folder[$"{i}.png"], seed: i)).ToArray();
        using var scorer = new ImageScorer(bundle, new() { Labels = labels, K = 3 }, workers: 2);
        var rows = scorer.Score(paths).ToArray();
        Assert.Equal(paths, rows.Select(row => row.Path));
        var alone = new LabelScorer(labels, new(), 3);
        var ranked = new RankedLabels(alone);
        foreach (var row in rows)
        {
            Assert.Equal(row.Path.Contains("no", StringComparison.Ordinal) ? ImageStatus.Missing : ImageStatus.Ok, row.Status);
            if (row.Embedding is not { } embedding) continue;
            alone.Rank(embedding.Span, ranked);
            Assert.Equal(ranked.Best.Select(alone.Name), row.Labels);
            Assert.Equal(ranked.BestScores, row.Scores);
        }
    }

    [Fact]
    public void A_bad_file_has_no_labels_no_scores_and_no_embedding()
    {
        using var scorer = new ImageScorer(TinyBundle.Write(_folder["bundle"]), new() { K = 2 });
        var rows = scorer.Score([_folder.Write("text.jpg", "text"), Pictures.Save(_folder["a.png"])]).ToArray();
        Assert.Equal((ImageStatus.Unsupported, 0, 0, false), (rows[0].Status, rows[0].Labels.Count, rows[0].Scores.Count, rows[0].Embedding.HasValue));
        Assert.Contains("not an image format", rows[0].Error, StringComparison.Ordinal);
        Assert.Equal((ImageStatus.Ok, 2, 2, ""), (rows[1].Status, rows[1].Labels.Count, rows[1].Scores.Count, rows[1].Error));
        Assert.Equal(1, Length(rows[1].Embedding!.Value), 1e-5);
    }

    [Fact]
    public void A_network_whose_output_is_not_finite_says_so()
    {
        var bundle = ModelBundle.Write(_folder["bundle"], TinyBundle.Network(scale: float.NaN), TinyBundle.Space(), TinyBundle.Manifest(),
            (onnx, zip) => StockPipeline.Save(onnx, TinyBundle.Space(), TinyBundle.Size, zip));
        using var scorer = new ImageScorer(bundle);
        var row = Assert.Single(scorer.Score([Pictures.Save(_folder["a.png"])]));
        Assert.Equal((ImageStatus.NotFinite, "the network's output is not finite"), (row.Status, row.Error));
        Assert.Empty(row.Labels);
        Assert.Null(row.Embedding);

        // The same in a data view.
        var context = new MLContext();
        var view = context.Data.LoadFromEnumerable([new { Path = _folder["a.png"] }]);
        var embedded = context.Transforms.EmbedImages(bundle).Fit(view).Transform(view);
        Assert.Equal(["not-finite"], embedded.GetColumn<string>("Status"));
        Assert.Equal(["the network's output is not finite"], embedded.GetColumn<string>("Error"));
        Assert.All(embedded.GetColumn<float[]>("embedding").Single(), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void It_reads_only_a_few_paths_ahead_and_can_be_left_early()
    {
        var read = 0;
        var path = Pictures.Save(_folder["a.png"]);
        using (var scorer = new ImageScorer(TinyBundle.Write(_folder["bundle"]), workers: 2))
            Assert.Equal(3, scorer.Score(Endless()).Take(3).Count());
        Assert.InRange(read, 3, 8);

        IEnumerable<string> Endless()
        {
            while (true)
            {
                read++;
                yield return path;
            }
        }
    }

    [Fact]
    public void Cancelling_ends_the_rows_with_the_usual_exception()
    {
        using var scorer = new ImageScorer(TinyBundle.Write(_folder["bundle"]));
        using var source = new CancellationTokenSource();
        var path = Pictures.Save(_folder["a.png"]);
        var rows = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in scorer.Score(Enumerable.Repeat(path, 1000), source.Token))
                if (++rows == 5) source.Cancel();
        });
        Assert.Equal(5, rows);
    }

    [Fact]
    public void An_error_of_the_callers_own_paths_passes_through_unchanged()
    {
        using var scorer = new ImageScorer(TinyBundle.Write(_folder["bundle"]));
        var path = Pictures.Save(_folder["a.png"]);
        Assert.Throws<DeviseInputException>(() => scorer.Score(Broken()).Count());

        IEnumerable<string> Broken()
        {
            yield return path;
            throw new DeviseInputException("line 2 is wrong");
        }
    }

    [Theory]
    [InlineData(0), InlineData(2000)]
    public void Workers_must_be_a_sensible_number(int workers)
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        Assert.Throws<DeviseInputException>(() => new ImageScorer(bundle, workers: workers));
    }

    public void Dispose() => _folder.Dispose();

    private static double Length(ReadOnlyMemory<float> vector) => Math.Sqrt(vector.ToArray().Sum(value => (double)value * value));
}
