using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring.Ranking;

/// <summary>Every part of a ranking against plain loops in doubles, in memory and saved for stock ML.NET.</summary>
public sealed class LabelRankingTests : IDisposable
{
    private const int Dimension = TinyBundle.Dimension;
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();
    private readonly LabelSpace _labels = TinyBundle.Space();

    private sealed class Row
    {
        public string Path { get; set; } = "";
        [ColumnName("embedding"), VectorType(Dimension)] public float[] Embedding { get; set; } = [];
    }

    private sealed class Ranked
    {
        public string[] Labels { get; set; } = [];
        public float[] Scores { get; set; } = [];
        public float[] Similarity { get; set; } = [];
        public float[] Score { get; set; } = [];
        public uint PredictedLabel { get; set; }
    }

    /// <summary>What ML.NET's ONNX transformer gives is always a vector, if need be one of one item.</summary>
    private sealed class StockRanked
    {
        public string[] Labels { get; set; } = [];
        public float[] Scores { get; set; } = [];
        public float[] Score { get; set; } = [];
        public uint[] PredictedLabel { get; set; } = [];
    }

    private sealed class WithProbabilities { public float[] Probabilities { get; set; } = []; }

    public static TheoryData<string> Rankings => ["plain", "temperature", "cold", "unknown", "stacking", "hubness", "everything"];

    [Theory]
    [MemberData(nameof(Rankings))]
    public void It_ranks_as_the_definition_says(string name)
    {
        var (ranking, rows) = (Ranking(name), Rows(60));
        var ranked = Rank(ranking, rows);
        var probabilities = ranking.Temperature is null ? null : Read<WithProbabilities>(ranking, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            var (scores, all) = Naive(rows[i].Embedding, ranking);
            var best = Enumerable.Range(0, scores.Length).OrderByDescending(label => scores[label]).Take(3).ToArray();
            Assert.Equal(best.Select(label => scores[label] < ranking.UnknownBelow ? ranking.UnknownLabel : _labels.Names[label]), ranked[i].Labels);
            for (var k = 0; k < best.Length; k++)
            {
                Assert.Equal(scores[best[k]], ranked[i].Scores[k], 1e-5);
                if (probabilities is not null) Assert.Equal(all[best[k]], probabilities[i].Probabilities[k], 1e-5);
            }
            for (var label = 0; label < all.Length; label++) Assert.Equal(all[label], ranked[i].Score[label], 1e-5);
            Assert.Equal(scores[best[0]] < ranking.UnknownBelow ? 0u : (uint)best[0] + 1, ranked[i].PredictedLabel);
        }
    }

    [Theory]
    [MemberData(nameof(Rankings))]
    public void Saved_it_is_stock_and_ranks_the_same(string name)
    {
        var (ranking, rows) = (Ranking(name), Rows(40));
        var data = _context.Data.LoadFromEnumerable(rows);
        var model = _context.Transforms.NearestLabels(_labels, new() { K = 3, Ranking = ranking }).Fit(data);
        _context.Model.Save(model, data.Schema, _folder["model.zip"]);
        var loaded = _context.Model.Load(_folder["model.zip"], out _);
        Assert.StartsWith("Microsoft.ML", loaded.GetType().Namespace, StringComparison.Ordinal);
        var (ours, stock) = (Read<Ranked>(model.Transform(data)), Read<StockRanked>(loaded.Transform(data)));
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(ours[i].Labels, stock[i].Labels);
            Assert.Equal([ours[i].PredictedLabel], stock[i].PredictedLabel);
            Assert.Equal(ours[i].Scores, stock[i].Scores, (a, b) => Math.Abs(a - b) < 1e-5f);
            Assert.Equal(ours[i].Score, stock[i].Score, (a, b) => Math.Abs(a - b) < 1e-5f);
        }
        if (ranking.Temperature is not null)
            Assert.Equal(Read<WithProbabilities>(model.Transform(data))[0].Probabilities, Read<WithProbabilities>(loaded.Transform(data))[0].Probabilities, (a, b) => Math.Abs(a - b) < 1e-5f);
        Assert.Equal(model.Transform(data).Schema[Columns.PredictedLabel].Type, ((VectorDataViewType)loaded.Transform(data).Schema[Columns.PredictedLabel].Type).ItemType);
        using (loaded as IDisposable) { }
    }

    [Fact]
    public void It_behaves_as_a_transformer_of_ML_NETs_own()
    {
        var data = _context.Data.LoadFromEnumerable(Rows(9));
        var options = new NearestLabelsOptions { K = 3, Ranking = Ranking("everything") };
        Workout.Run<uint>(_context.Transforms.NearestLabels(_labels, options), data, Columns.PredictedLabel);
        Workout.Run<VBuffer<float>>(_context.Transforms.NearestLabels(_labels, options), data, Columns.Score);
        Workout.Run<VBuffer<float>>(_context.Transforms.NearestLabels(_labels, options), data, Columns.Probabilities);
    }

    [Fact]
    public void A_penalty_lets_unseen_labels_win_and_hubness_takes_hubs_back()
    {
        var space = new LabelSpace(["hub", "rare"], [1f, 0f, 0.6f, 0.8f]);
        float[][] images = [[0.99f, 0.14f], [0.97f, 0.24f], [0.94f, 0.34f], [0.89f, 0.45f]];
        ReadOnlyMemory<float>[] units = [.. images.Select(image => (ReadOnlyMemory<float>)Unit(image))];
        Assert.Equal("hub", Best(new()));
        Assert.Equal("rare", Best(new() { SeenLabels = ["hub", "not among them"], SeenPenalty = 0.2f }));
        Assert.Equal("rare", Best(new() { SeenLabels = ["rare"], SeenPenalty = -0.9f }));
        Assert.Equal("rare", Best(new() { Hubness = LabelHubness.Measure(space, units, 2) }));

        string Best(LabelRanking ranking)
        {
            var scorer = new MLNet.Devise.Scoring.Ranking.LabelScorer(space, ranking, 1);
            var ranked = new MLNet.Devise.Scoring.Ranking.RankedLabels(scorer);
            scorer.Rank([0.91f, 0.41f], ranked);
            return scorer.Name(ranked.Best[0]);
        }
    }

    [Fact]
    public void A_large_vocabulary_is_shared_out_over_threads_and_ranked_the_same()
    {
        const int count = (1 << 16) + 77;
        var vocabulary = new LabelSpace([.. Enumerable.Range(0, count).Select(i => $"word{i}")], TinyBundle.Random(count * Dimension, 9));
        var rows = Rows(3);
        var data = _context.Data.LoadFromEnumerable(rows);
        var ranked = Read<Ranked>(_context.Transforms.NearestLabels(vocabulary, new() { K = 4 }).Fit(data).Transform(data));
        var cosines = new float[count];
        for (var i = 0; i < rows.Length; i++)
        {
            var length = Math.Sqrt(rows[i].Embedding.Sum(value => (double)value * value));
            vocabulary.Cosines([.. rows[i].Embedding.Select(value => (float)(value / length))], cosines);
            var best = Enumerable.Range(0, count).OrderByDescending(label => cosines[label]).Take(4).ToArray();
            Assert.Equal(best.Select(label => vocabulary.Names[label]), ranked[i].Labels);
        }
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        foreach (var wrong in (LabelRanking[])
            [new() { Temperature = 0 }, new() { Temperature = double.NaN }, new() { UnknownBelow = float.NaN }, new() { UnknownLabel = "" }, new() { SeenPenalty = -1.5f, SeenLabels = [_labels.Names[0]] },
             new() { SeenPenalty = 0.1f }, new() { SeenPenalty = 0.1f, SeenLabels = ["nobody"] }, new() { SeenPenalty = -0.1f, SeenLabels = ["nobody"] }, new() { Hubness = new([0.1f], 3) }])
            Assert.Throws<DeviseInputException>(() => _context.Transforms.NearestLabels(_labels, new() { Ranking = wrong }));
        Assert.Throws<DeviseInputException>(() => new LabelHubness([float.NaN], 1));
        Assert.Contains("unknownLabel: 'label+2' is one of the", Assert.Throws<DeviseInputException>(() => _context.Transforms.NearestLabels(_labels, new() { Ranking = new() { UnknownBelow = 0.1f, UnknownLabel = "label+2" } })).Message, StringComparison.Ordinal);
        Assert.Throws<DeviseInputException>(() => LabelHubness.Measure(_labels, [], 1));
        Assert.Throws<DeviseInputException>(() => LabelHubness.Measure(_labels, [new float[Dimension]], 1));
    }

    public void Dispose() => _folder.Dispose();

    private LabelRanking Ranking(string name)
    {
        var hubness = LabelHubness.Measure(_labels, [.. Enumerable.Range(500, 40).Select(i => (ReadOnlyMemory<float>)Unit(TinyBundle.Random(Dimension, i)))], 5);
        return name switch
        {
            "temperature" => new() { Temperature = 0.07 },
            "cold" => new() { Temperature = 0.001 },
            "unknown" => new() { UnknownBelow = 0.3f },
            "stacking" => new() { SeenLabels = [.. _labels.Names.Take(3)], SeenPenalty = 0.4f },
            "hubness" => new() { Hubness = hubness },
            "everything" => new() { Temperature = 0.2, UnknownBelow = 0.2f, UnknownLabel = "none", SeenLabels = ["label+1", "elsewhere"], SeenPenalty = 0.1f, Hubness = hubness },
            _ => new(),
        };
    }

    /// <summary>Scores and what the column Score has, by the definitions.</summary>
    private (double[] Scores, double[] All) Naive(float[] embedding, LabelRanking ranking)
    {
        var length = Math.Sqrt(embedding.Sum(value => (double)value * value));
        var cosines = _labels.Names.Select((_, label) => _labels.Vector(label).ToArray().Zip(embedding, (x, y) => x * y / length).Sum()).ToArray();
        var scores = cosines.ToArray();
        for (var label = 0; label < scores.Length; label++)
        {
            if (ranking.Hubness is { } hubness) scores[label] = 2 * cosines[label] - cosines.OrderDescending().Take(hubness.Neighbours).Average() - hubness.Means[label];
            if (ranking.SeenLabels.Contains(_labels.Names[label])) scores[label] -= ranking.SeenPenalty;
        }
        if (ranking.Temperature is not { } temperature) return (scores, scores);
        var powers = scores.Select(score => Math.Exp((score - scores.Max()) / temperature)).ToArray();
        return (scores, [.. powers.Select(power => power / powers.Sum())]);
    }

    private static float[] Unit(float[] vector) => [.. vector.Select(value => value / (float)Math.Sqrt(vector.Sum(x => x * x)))];

    private static Row[] Rows(int count) => [.. Enumerable.Range(0, count).Select(i => new Row { Path = $"{i:D4}", Embedding = TinyBundle.Random(Dimension, i) })];

    private Ranked[] Rank(LabelRanking ranking, Row[] rows) => Read<Ranked>(ranking, rows);

    private T[] Read<T>(LabelRanking ranking, Row[] rows) where T : class, new()
    {
        var data = _context.Data.LoadFromEnumerable(rows);
        return Read<T>(_context.Transforms.NearestLabels(_labels, new() { K = 3, Ranking = ranking }).Fit(data).Transform(data));
    }

    private T[] Read<T>(IDataView view) where T : class, new() => [.. _context.Data.CreateEnumerable<T>(view, reuseRowObject: false)];
}
