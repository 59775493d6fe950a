namespace MLNet.Devise.Evaluation;

/// <summary>How often the true label is among the best k of those ranked. With k labels or fewer the rate is 1 by definition.</summary>
/// <param name="Top1">Share of images whose best label is the true one.</param>
/// <param name="Top3">Share of images with the true label among the best 3.</param>
/// <param name="Top5">… the best 5.</param>
/// <param name="Top10">… the best 10.</param>
/// <param name="PerClassTop1">Mean over classes (those with images) of the class's top-1, so that every class weighs the same.</param>
/// <param name="PerClassTop5">The same for the best 5.</param>
/// <param name="PerClassTop10">The same for the best 10.</param>
/// <param name="Images">Images ranked.</param>
/// <param name="Labels">Labels that competed; chance is k of these.</param>
public sealed record HitRates(
    double Top1, double Top3, double Top5, double Top10, double PerClassTop1, double PerClassTop5, double PerClassTop10, int Images, int Labels)
{
    /// <summary>Another name of <see cref="PerClassTop1"/>: the mean of the classes' recalls (Brodersen et al. 2010).</summary>
    public double BalancedAccuracy => PerClassTop1;

    /// <summary>Rates of images from the ranks of their true labels.</summary>
    /// <param name="truth">The class of each.</param>
    /// <param name="ranks">From 1.</param>
    /// <param name="labels">Labels that competed.</param>
    internal static HitRates Of(IReadOnlyList<int> truth, IReadOnlyList<int> ranks, int labels)
    {
        double Top(int k) => ranks.Average(rank => rank <= k ? 1.0 : 0);
        double PerClass(int k) => MeanPerClass(truth, i => ranks[i] <= k);
        return new(Top(1), Top(3), Top(5), Top(10), PerClass(1), PerClass(5), PerClass(10), ranks.Count, labels);
    }

    /// <summary>Labels ahead of <paramref name="label"/>: those with a higher cosine, and those with the same one and a lower index.</summary>
    internal static int Rank(ReadOnlySpan<float> cosines, int label)
    {
        var (own, ahead) = (cosines[label], 0);
        for (var i = 0; i < cosines.Length; i++)
            if (cosines[i] > own || (cosines[i] == own && i < label)) ahead++;
        return ahead;
    }

    /// <summary>Mean over the classes that occur of the share of hits in each.</summary>
    internal static double MeanPerClass(IReadOnlyList<int> truth, Func<int, bool> hit) =>
        Enumerable.Range(0, truth.Count).GroupBy(i => truth[i]).OrderBy(group => group.Key).Average(group => group.Average(i => hit(i) ? 1.0 : 0));
}
