using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Devise.Evaluation.Views;

/// <summary>Measures scores of labels while they stream by.</summary>
internal static class ScoreRows
{
    private const double SumTolerance = 1e-3;

    public static LabelMetrics Measure(IDataView data, string labelColumn, string scoreColumn)
    {
        DataViewSchema.Column Column(string name, string expected) => data.Schema.GetColumnOrNull(name)
            ?? throw new DeviseInputException($"column '{name}': not among the columns {string.Join(", ", data.Schema.Select(column => column.Name).Distinct())}, expected {expected}");
        var (label, score) = (Column(labelColumn, "the true labels"), Column(scoreColumn, "the scores of all labels"));
        var names = Names(score);
        using var cursor = data.GetRowCursor([label, score]);
        var (read, truth) = (cursor.GetGetter<VBuffer<float>>(score), TextGetter.Of(cursor, label));
        var (truths, ranks, confidences, right, ofTruth, squares) = (new List<int>(), new List<int>(), new List<double>(), new List<bool>(), new List<double>(), new List<double>());
        var (skipped, probabilities, buffer, values) = (0, true, default(VBuffer<float>), new float[names.Count]);
        while (cursor.MoveNext())
        {
            read(ref buffer);
            buffer.CopyTo(values);
            if (truth() is not { Length: > 0 } name || !Array.TrueForAll(values, float.IsFinite))
            {
                skipped++;
                continue;
            }
            if (!names.TryGetValue(name, out var own)) throw new DeviseInputException($"column '{labelColumn}', row {cursor.Position}: '{name}' is not among the {names.Count} scored labels");
            var best = Predictions.Best(values);
            truths.Add(own);
            ranks.Add(HitRates.Rank(values, own) + 1);
            (double sum, double square) = (0, 1 - 2.0 * values[own]);
            foreach (var value in values) (sum, square) = (sum + value, square + (double)value * value);
            probabilities &= Math.Abs(sum - 1) < SumTolerance && Array.TrueForAll(values, value => value >= 0);
            confidences.Add(values[best]);
            right.Add(best == own);
            ofTruth.Add(values[own]);
            squares.Add(square);
        }
        if (truths.Count == 0) throw new DeviseInputException($"{skipped} rows skipped and none left, expected rows with a label and finite scores");
        string[] byIndex = [.. names.OrderBy(pair => pair.Value).Select(pair => pair.Key)];
        return new(
            HitRates.Of(truths, ranks, names.Count),
            probabilities ? ReliabilityCurve.Of([.. confidences], [.. right], [.. ofTruth], [.. squares]) : null,
            [.. truths.Zip(ranks).GroupBy(pair => pair.First).OrderBy(own => own.Key).Select(own => new LabelAccuracy(
                byIndex[own.Key], own.Count(), own.Average(pair => pair.Second <= 1 ? 1.0 : 0), own.Average(pair => pair.Second <= 5 ? 1.0 : 0)))],
            skipped);
    }

    /// <summary>Index of each slot's name.</summary>
    private static Dictionary<string, int> Names(DataViewSchema.Column score)
    {
        if (score.Type is not VectorDataViewType { ItemType: NumberDataViewType { RawType: var type }, Size: > 0 and var size } || type != typeof(float))
            throw new DeviseInputException($"column '{score.Name}': {score.Type}, expected Vector<Single> with a score for every label");
        if (!score.HasSlotNames()) throw new DeviseInputException($"column '{score.Name}': its slots have no names, expected the labels, as NearestLabels names them");
        VBuffer<ReadOnlyMemory<char>> slots = default;
        score.GetSlotNames(ref slots);
        var names = new Dictionary<string, int>(size, StringComparer.Ordinal);
        foreach (var slot in slots.DenseValues())
            if (!names.TryAdd(slot.ToString(), names.Count)) throw new DeviseInputException($"column '{score.Name}': two slots are named '{slot}', expected each label once");
        return names;
    }
}
