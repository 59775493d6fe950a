using System.Numerics.Tensors;

namespace MLNet.Devise.Evaluation.Comparison;

/// <summary>Computes the figures of a comparison and their paired intervals.</summary>
internal static class ComparedFigures
{
    /// <summary>A figure of one run on a resample.</summary>
    private sealed record Figure(string Key, bool LowerIsBetter, Bootstrap.Statistic[] ByRun);

    public static (ComparedFigure[] Figures, ComparedClass[] Classes) Of(IReadOnlyList<EvaluatedRun> runs, PairedImages images, BootstrapOptions options)
    {
        Figure[] figures = [.. Named(runs, images)];
        var members = Enumerable.Range(0, images.Count).ToLookup(i => images.Truth[i]);
        Figure[] classes = [.. images.Classes.Select((label, c) =>
        {
            int[] own = [.. members[c]];
            return new Figure(label, false, [.. images.Predictions.Select(rows => Share([.. own.Where(i => rows[i].RankOwn == 1)], own.Length))]);
        })];
        var once = Enumerable.Repeat(1.0, images.Count).ToArray();
        var drawn = Bootstrap.Values(images.Truth, options, [.. figures.Concat(classes).SelectMany(figure => figure.ByRun)]);
        ComparedFigure Compared(Figure figure, int place)
        {
            var values = figure.ByRun.Select(statistic => statistic(once)).ToArray();
            var resampled = drawn.AsSpan(place * runs.Count, runs.Count).ToArray();
            return new(figure.Key, figure.LowerIsBetter, values, [.. resampled.Select(each => Bootstrap.Percentile(each, options.Level))],
                [.. Enumerable.Range(1, runs.Count - 1).Select(run => new Difference(
                    Gap(values[run], values[0]), Bootstrap.Percentile([.. resampled[run].Zip(resampled[0], Gap)], options.Level)))]);
        }
        // Rates are sums of the same shares in another order; what is left of rounding must not put a 0 on one side.
        static double Gap(double b, double a) => Math.Abs(b - a) < 1e-12 ? 0 : b - a;
        return (
            [.. figures.Select(Compared)],
            [.. classes.Select((figure, c) =>
            {
                var compared = Compared(figure, figures.Length + c);
                return new ComparedClass(figure.Key, members[c].First() < images.SeenItems, members[c].Count(), compared.Values, compared.Differences);
            })]);
    }

    /// <summary>Whether the best of all labels is the true one where γ is taken off seen ones; equal scores go to the seen label.</summary>
    public static bool RightAt(ImagePrediction p, double gamma)
    {
        var unseen = p.BestUnseen is { } other && other.Cosine > p.BestSeen.Cosine - (float)gamma;
        return (unseen ? p.BestUnseen!.Value.Label : p.BestSeen.Label) == p.Label;
    }

    private static IEnumerable<Figure> Named(IReadOnlyList<EvaluatedRun> runs, PairedImages images)
    {
        var (seen, unseen) = (..images.SeenItems, images.SeenItems..);
        Bootstrap.Statistic[] Rate(double[] weights, Func<ImagePrediction, bool> hit) => [.. images.Predictions.Select(rows => Linear(ClassWeights.Of(weights, i => hit(rows[i]))))];
        IEnumerable<Figure> Rates(string name, Range range, Func<ImagePrediction, int> rank, params int[] depths)
        {
            var (mean, perClass) = (ClassWeights.Mean(images.Count, range), ClassWeights.PerClass(images.Truth, range));
            return [.. depths.Select(k => new Figure($"{name}.top{k}", false, Rate(mean, p => rank(p) <= k))), new Figure($"{name}.perClassTop1", false, Rate(perClass, p => rank(p) == 1))];
        }
        Figure Loss(string name, Range range)
        {
            var mean = ClassWeights.Mean(images.Count, range);
            return new($"{name}.loss", true, [.. images.Predictions.Select(rows => Linear([.. mean.Select((weight, i) => weight * rows[i].Loss)]))]);
        }
        foreach (var figure in Rates("seen", seen, p => p.RankOwn, 1, 3, 5)) yield return figure;
        yield return Loss("seen", seen);
        if (images.SeenItems == images.Count) yield break;
        foreach (var figure in Rates("zeroShot.unseenLabels", unseen, p => p.RankOwn, 1, 3)) yield return figure;
        foreach (var figure in Rates("zeroShot.allLabels", unseen, p => p.RankAll, 1, 5, 10)) yield return figure;
        yield return Loss("zeroShot", unseen);
        foreach (var figure in Generalized("generalized", [.. runs.Select(_ => 0.0)])) yield return figure;
        if (runs.Any(run => run.Gamma != 0))
            foreach (var figure in Generalized("generalized.calibrated", [.. runs.Select(run => run.Gamma)])) yield return figure;

        IEnumerable<Figure> Generalized(string name, double[] gammas)
        {
            Bootstrap.Statistic[] PerClass(Range range)
            {
                var weights = ClassWeights.PerClass(images.Truth, range);
                return [.. images.Predictions.Select((rows, run) => Linear(ClassWeights.Of(weights, i => RightAt(rows[i], gammas[run]))))];
            }
            var (u, s) = (PerClass(unseen), PerClass(seen));
            return
            [
                new($"{name}.unseen", false, u), new($"{name}.seen", false, s),
                new($"{name}.harmonic", false, [.. u.Zip(s, (a, b) => (Bootstrap.Statistic)(times => GeneralizedMetrics.HarmonicMean(a(times), b(times))))]),
            ];
        }
    }

    /// <summary>The same for a rate of one class: most images are of others, and a thousand rows of zeros would fill the memory.</summary>
    private static Bootstrap.Statistic Share(int[] hits, double size) => times =>
    {
        var sum = 0.0;
        foreach (var i in hits) sum += times[i];
        return sum / size;
    };

    private static Bootstrap.Statistic Linear(double[] weights) => times => TensorPrimitives.Dot<double>(weights, times);
}
