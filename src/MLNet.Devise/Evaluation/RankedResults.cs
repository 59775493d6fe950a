namespace MLNet.Devise.Evaluation;

/// <summary>Measures of one ranked list, from which of its results are relevant. Each is 0 where nothing is relevant.</summary>
internal static class RankedResults
{
    /// <summary>The k that are reported.</summary>
    public static IReadOnlyList<int> Depths { get; } = [1, 5, 10, 50];

    /// <summary>Relevant among the first <paramref name="k"/>, divided by k.</summary>
    public static double PrecisionAt(int k, ReadOnlySpan<bool> ranked) => (double)Found(k, ranked) / k;

    /// <summary>Relevant among the first <paramref name="k"/>, divided by all relevant ones.</summary>
    public static double RecallAt(int k, ReadOnlySpan<bool> ranked) => Found(k, ranked) is > 0 and var found ? (double)found / ranked.Count(true) : 0;

    /// <summary>Mean, over the relevant ones, of the precision at the rank of each.</summary>
    public static double AveragePrecision(ReadOnlySpan<bool> ranked)
    {
        var (found, sum) = (0, 0.0);
        for (var i = 0; i < ranked.Length; i++)
            if (ranked[i]) sum += (double)++found / (i + 1);
        return found > 0 ? sum / found : 0;
    }

    /// <summary>Discounted cumulative gain of the first <paramref name="k"/>, divided by that of a perfect ranking.</summary>
    public static double NdcgAt(int k, ReadOnlySpan<bool> ranked)
    {
        var (gain, ideal, left) = (0.0, 0.0, ranked.Count(true));
        if (left == 0) return 0;
        for (var i = 0; i < Math.Min(k, ranked.Length); i++)
        {
            var worth = 1 / Math.Log2(i + 2);
            if (ranked[i]) gain += worth;
            if (i < left) ideal += worth;
        }
        return gain / ideal;
    }

    private static int Found(int k, ReadOnlySpan<bool> ranked) => ranked[..Math.Min(k, ranked.Length)].Count(true);
}
