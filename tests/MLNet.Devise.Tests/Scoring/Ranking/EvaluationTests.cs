using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring.Ranking;

/// <summary>ML.NET's own evaluator over the columns of <c>NearestLabels</c>.</summary>
public sealed class EvaluationTests
{
    private const int Dimension = TinyBundle.Dimension;
    private readonly MLContext _context = new();

    private sealed class Row
    {
        public string Truth { get; set; } = "";
        [ColumnName("embedding"), VectorType(Dimension)] public float[] Embedding { get; set; } = [];
    }

    private sealed class NameRow { public string Name { get; set; } = ""; }

    [Theory]
    [InlineData(null), InlineData(0.1)]
    public void Accuracies_and_confusions_are_those_counted_by_hand(double? temperature)
    {
        var labels = TinyBundle.Space();
        var rows = Enumerable.Range(0, 200).Select(i => new Row { Truth = labels.Names[i % labels.Names.Count], Embedding = Near(labels.Vector(i % labels.Names.Count), i) }).ToArray();
        var data = _context.Data.LoadFromEnumerable(rows);
        var names = _context.Data.LoadFromEnumerable(labels.Names.Select(name => new NameRow { Name = name }));
        var scored = _context.Transforms.Conversion.MapValueToKey("Label", "Truth", keyData: names)
            .Append(_context.Transforms.NearestLabels(labels, new() { Ranking = new() { Temperature = temperature } })).Fit(data).Transform(data);
        var metrics = _context.MulticlassClassification.Evaluate(scored, topKPredictionCount: 3);

        var ranked = scored.GetColumn<string[]>(Columns.Labels).ToArray();
        Assert.Equal(rows.Zip(ranked, (row, best) => row.Truth == best[0]).Count(hit => hit) / 200.0, metrics.MicroAccuracy, 1e-9);
        Assert.Equal(rows.Zip(ranked, (row, best) => best.Take(3).Contains(row.Truth)).Count(hit => hit) / 200.0, metrics.TopKAccuracy, 1e-9);
        Assert.Equal(labels.Names.Count, metrics.ConfusionMatrix.NumberOfClasses);
        Assert.InRange(metrics.MicroAccuracy, 0.3, 0.99);
        if (temperature is not null)
        {
            var probabilities = scored.GetColumn<float[]>(Columns.Score).ToArray();
            Assert.Equal(-rows.Select((row, i) => Math.Log(probabilities[i][labels.IndexOf(row.Truth)])).Average(), metrics.LogLoss, 1e-4);
        }
    }

    [Fact]
    public void The_fitted_temperature_is_the_one_of_the_lowest_log_loss()
    {
        var labels = TinyBundle.Space();
        var scores = new List<float[]>();
        for (var i = 0; i < 300; i++)
        {
            var cosines = new float[labels.Names.Count];
            var image = Near(labels.Vector(i % 7), i);
            labels.Cosines([.. image.Select(value => value / (float)Math.Sqrt(image.Sum(x => x * x)))], cosines);
            scores.Add(cosines);
        }
        int[] truth = [.. Enumerable.Range(0, 300).Select(i => i % 7)];
        var fitted = LabelCalibration.FitTemperature(scores, truth);
        Assert.InRange(fitted, 0.02, 2);
        foreach (var other in (double[])[fitted / 2, fitted * 0.97, fitted * 1.03, fitted * 2]) Assert.True(Loss(fitted) < Loss(other), $"{fitted} {other}");

        double Loss(double temperature) =>
            scores.Select((row, i) => -Math.Log(Math.Exp(row[truth[i]] / temperature) / row.Sum(score => Math.Exp(score / temperature)))).Average();
    }

    [Fact]
    public void Rows_and_labels_that_do_not_fit_are_refused()
    {
        Assert.Throws<DeviseInputException>(() => LabelCalibration.FitTemperature([], []));
        Assert.Throws<DeviseInputException>(() => LabelCalibration.FitTemperature([new float[3]], [0, 1]));
        Assert.Throws<DeviseInputException>(() => LabelCalibration.FitTemperature([new float[3]], [3]));
        Assert.Contains("row 1: 2 scores, expected 3", Assert.Throws<DeviseInputException>(() => LabelCalibration.FitTemperature([new float[3], new float[2]], [0, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("row 1: a score that is not finite", Assert.Throws<DeviseInputException>(() => LabelCalibration.FitTemperature([new float[3], [0, float.NaN, 0]], [0, 0])).Message, StringComparison.Ordinal);
    }

    private static float[] Near(ReadOnlySpan<float> vector, int seed) => [.. vector.ToArray().Zip(TinyBundle.Random(Dimension, seed + 900), (x, noise) => x + 0.7f * noise)];
}
