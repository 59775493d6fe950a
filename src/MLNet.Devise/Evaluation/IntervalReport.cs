using System.Numerics.Tensors;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// Bootstrap intervals of the headline figures. Images are drawn within their class, so the classes count as given: an interval says how
/// a figure varies with the photos, not how it would with other classes or another training.
/// </summary>
/// <param name="Level">Share of resamples inside, 0..1.</param>
/// <param name="Resamples">How many.</param>
/// <param name="Seed">Of the draws.</param>
/// <param name="Method">In words.</param>
/// <param name="Values">By the figure's place in metrics.json: <c>seen.top1</c>.</param>
public sealed record IntervalReport(double Level, int Resamples, long Seed, string Method, IReadOnlyDictionary<string, Interval> Values)
{
    private const string Words = "percentile bootstrap; images drawn within their class, text queries within seen and unseen classes, what is searched kept as it is";

    internal static IntervalReport? Of(EvaluatedImages images, IReadOnlyList<ImagePrediction> predictions, SeenUnseenCurve? curve, double? gamma, RetrievalOutcomes retrieval, BootstrapOptions options)
    {
        if (options.Resamples == 0) return null;
        var values = new Dictionary<string, Interval>();
        void Add(IReadOnlyList<int> strata, List<(string Name, Bootstrap.Statistic Of)> figures)
        {
            foreach (var ((name, _), interval) in figures.Zip(Bootstrap.Intervals(strata, options, [.. figures.Select(figure => figure.Of)]))) values.Add(name, interval);
        }
        Add(images.Truth, [.. Naming(images, predictions, curve, gamma), .. Searching("retrieval.imageToImage", retrieval.ImageToImage)]);
        var queries = retrieval.TextToImage;
        Add([.. queries.Select(query => query.Label < images.Seen ? 0 : 1)], [.. Searching("retrieval.textToImage", queries)]);
        return new(options.Level, options.Resamples, options.Seed, Words, values);
    }

    private static IEnumerable<(string, Bootstrap.Statistic)> Naming(EvaluatedImages images, IReadOnlyList<ImagePrediction> predictions, SeenUnseenCurve? curve, double? gamma)
    {
        var (count, seen, unseen) = (predictions.Count, ..images.SeenItems, images.SeenItems..);
        IEnumerable<(string, Bootstrap.Statistic)> Rates(string name, Range range, Func<ImagePrediction, int?> rank)
        {
            if (range.GetOffsetAndLength(count).Length == 0 || rank(predictions[range.Start.GetOffset(count)]) is null) yield break;
            var (mean, perClass) = (ClassWeights.Mean(count, range), ClassWeights.PerClass(images.Truth, range));
            foreach (var k in (int[])[1, 3, 5, 10]) yield return ($"{name}.top{k}", Linear(ClassWeights.Of(mean, i => rank(predictions[i]) <= k)));
            foreach (var k in (int[])[1, 5, 10]) yield return ($"{name}.perClassTop{k}", Linear(ClassWeights.Of(perClass, i => rank(predictions[i]) <= k)));
        }
        foreach (var rate in Rates("seen", seen, p => p.RankOwn)) yield return rate;
        foreach (var rate in Rates("zeroShot.unseenLabels", unseen, p => p.RankOwn)) yield return rate;
        foreach (var rate in Rates("zeroShot.allLabels", unseen, p => p.RankAll)) yield return rate;
        foreach (var rate in Rates("zeroShot.furtherLabels", unseen, p => p.RankFurther)) yield return rate;
        foreach (var rate in Rates("zeroShot.vocabulary", unseen, p => p.RankVocabulary)) yield return rate;
        if (curve is null) yield break;

        IEnumerable<(string, Bootstrap.Statistic)> At(string name, double offset)
        {
            bool Hit(int i) => GeneralizedMetrics.BestLabel(images.Cosines(i)[..images.Known], images.Seen, offset) == images.Truth[i];
            var (u, s) = (Linear(ClassWeights.Of(ClassWeights.PerClass(images.Truth, unseen), Hit)), Linear(ClassWeights.Of(ClassWeights.PerClass(images.Truth, seen), Hit)));
            return [($"{name}.unseen", u), ($"{name}.seen", s), ($"{name}.harmonic", times => GeneralizedMetrics.HarmonicMean(u(times), s(times)))];
        }
        foreach (var figure in At("generalized", 0)) yield return figure;
        yield return ("generalized.areaUnderCurve", curve.Area);
        if (gamma is { } given)
            foreach (var figure in At("generalized.calibrated", given)) yield return figure;
    }

    /// <summary>Mean over queries; those without anything relevant do not count.</summary>
    private static IEnumerable<(string, Bootstrap.Statistic)> Searching(string name, IReadOnlyList<QueryOutcome> queries)
    {
        double asked = queries.Count(query => query.Relevant > 0);
        if (asked == 0) yield break;
        Bootstrap.Statistic Mean(Func<QueryOutcome, double> value) => Linear([.. queries.Select(query => query.Relevant > 0 ? value(query) / asked : 0)]);
        yield return ($"{name}.precisionAt10", Mean(query => query.At(10).Precision));
        yield return ($"{name}.map", Mean(query => query.AveragePrecision));
        yield return ($"{name}.ndcg", Mean(query => query.Ndcg));
    }

    private static Bootstrap.Statistic Linear(double[] weights) => times => TensorPrimitives.Dot<double>(weights, times);
}
