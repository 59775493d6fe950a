using System.Numerics.Tensors;
using MLNet.Devise.Search;

namespace MLNet.Devise.Evaluation;

/// <summary>Search among all evaluated images, seen and unseen classes together.</summary>
/// <param name="TextToImage">Every class name that has images is a query.</param>
/// <param name="ImageToImage">Every image whose class has another one is a query among the others.</param>
public sealed record RetrievalReport(RetrievalMetrics TextToImage, RetrievalMetrics ImageToImage);

/// <summary>Quality of ranked results, mean over queries. An image is relevant if it has the query's label.</summary>
/// <param name="PrecisionAt10">Relevant among the first 10, out of 10 even where fewer are relevant or stored.</param>
/// <param name="Map">Mean average precision over the whole ranking.</param>
/// <param name="PrecisionAt10Seen">Precision at 10 of queries from seen classes.</param>
/// <param name="PrecisionAt10Unseen">… from unseen classes; null where there are none.</param>
/// <param name="PrecisionAt10Ceiling">What perfect ranking would reach; below 1 where classes have fewer than 10 relevant images.</param>
/// <param name="Chance">What random ranking would reach at 10.</param>
/// <param name="Queries">How many queries.</param>
public sealed record RetrievalMetrics(
    double PrecisionAt10, double Map, double? PrecisionAt10Seen, double? PrecisionAt10Unseen, double PrecisionAt10Ceiling, double Chance, int Queries)
{
    private const int Depth = 10;

    internal static RetrievalMetrics TextToImage(EvaluatedImages images) => Mean(TextQueries(images), images.Seen);

    /// <summary>One outcome for each class name that has images.</summary>
    internal static IReadOnlyList<QueryOutcome> TextQueries(EvaluatedImages images) =>
        [.. images.Truth.Distinct().Order().Select(label => Ask(images, label, asker: -1, i => images.Cosines(i)[label]))];

    internal static RetrievalMetrics ImageToImage(EvaluatedImages images)
    {
        var outcomes = new QueryOutcome[images.Items.Count];
        Parallel.For(0, outcomes.Length, asker =>
        {
            var query = images.Items[asker].Embedding;
            outcomes[asker] = Ask(images, images.Truth[asker], asker, i => TensorPrimitives.Dot<float>(query, images.Items[i].Embedding));
        });
        return Mean([.. outcomes.Where(outcome => outcome.Relevant > 0)], images.Seen);
    }

    /// <summary>Ranks all images but the asker by cosine, ties by their order.</summary>
    private static QueryOutcome Ask(EvaluatedImages images, int label, int asker, Func<int, float> cosine)
    {
        var keys = new ulong[images.Items.Count - (asker >= 0 ? 1 : 0)];
        var next = 0;
        for (var i = 0; i < images.Items.Count; i++)
            if (i != asker) keys[next++] = TopK.Key(cosine(i), i);
        Array.Sort(keys);
        var relevant = new bool[keys.Length];
        for (var i = 0; i < keys.Length; i++) relevant[i] = images.Truth[TopK.Row(keys[^(i + 1)])] == label;
        return new(label, PrecisionAt(Depth, relevant), AveragePrecision(relevant), relevant.Count(hit => hit), keys.Length);
    }

    /// <summary>Relevant among the first <paramref name="k"/>, divided by k.</summary>
    internal static double PrecisionAt(int k, ReadOnlySpan<bool> ranked) => (double)ranked[..Math.Min(k, ranked.Length)].Count(true) / k;

    /// <summary>Mean, over the relevant ones, of the precision at the rank of each; 0 where none is relevant.</summary>
    internal static double AveragePrecision(ReadOnlySpan<bool> ranked)
    {
        var (found, sum) = (0, 0.0);
        for (var i = 0; i < ranked.Length; i++)
            if (ranked[i]) sum += (double)++found / (i + 1);
        return found > 0 ? sum / found : 0;
    }

    private static RetrievalMetrics Mean(IReadOnlyList<QueryOutcome> outcomes, int seen)
    {
        // No class has two images: nothing can be asked, and zero queries say so.
        if (outcomes.Count == 0) return new(0, 0, null, null, 0, 0, 0);
        double? At10(Func<QueryOutcome, bool> which) => outcomes.Where(which).Select(outcome => (double?)outcome.PrecisionAt10).Average();
        return new(
            outcomes.Average(outcome => outcome.PrecisionAt10),
            outcomes.Average(outcome => outcome.AveragePrecision),
            At10(outcome => outcome.Label < seen),
            At10(outcome => outcome.Label >= seen),
            outcomes.Average(outcome => Math.Min(Depth, outcome.Relevant) / (double)Depth),
            outcomes.Average(outcome => Math.Min(Depth, outcome.Pool) / (double)Depth * outcome.Relevant / outcome.Pool),
            outcomes.Count);
    }
}

/// <summary>One query's result.</summary>
internal readonly record struct QueryOutcome(int Label, double PrecisionAt10, double AveragePrecision, int Relevant, int Pool);
