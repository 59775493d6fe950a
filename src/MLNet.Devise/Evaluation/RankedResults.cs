namespace MLNet.Devise.Evaluation;

/// <summary>Measures of one ranked list, from the ranks of its relevant results: from 1, rising. Each is 0 where nothing is relevant.</summary>
internal static class RankedResults
{
    /// <summary>The k that are reported.</summary>
    public static IReadOnlyList<int> Depths { get; } = [1, 5, 10, 50];

    /// <summary>Relevant among the first <paramref name="k"/>, divided by k.</summary>
    public static double PrecisionAt(int k, ReadOnlySpan<int> ranks) => (double)Found(k, ranks) / k;

    /// <summary>Relevant among the first <paramref name="k"/>, divided by all relevant ones.</summary>
    public static double RecallAt(int k, ReadOnlySpan<int> ranks) => Found(k, ranks) is > 0 and var found ? (double)found / ranks.Length : 0;

    /// <summary>Mean, over the relevant ones, of the precision at the rank of each.</summary>
    public static double AveragePrecision(ReadOnlySpan<int> ranks)
    {
        var sum = 0.0;
        for (var i = 0; i < ranks.Length; i++) sum += (i + 1.0) / ranks[i];
        return ranks.Length > 0 ? sum / ranks.Length : 0;
    }

    /// <summary>Discounted cumulative gain of the first <paramref name="k"/>, divided by that of a perfect ranking.</summary>
    public static double NdcgAt(int k, ReadOnlySpan<int> ranks)
    {
        if (ranks.IsEmpty) return 0;
        var (gain, ideal) = (0.0, 0.0);
        for (var i = 0; i < Math.Min(k, ranks.Length); i++)
        {
            if (ranks[i] <= k) gain += 1 / Math.Log2(ranks[i] + 1);
            ideal += 1 / Math.Log2(i + 2);
        }
        return gain / ideal;
    }

    private static int Found(int k, ReadOnlySpan<int> ranks)
    {
        var found = 0;
        while (found < ranks.Length && ranks[found] <= k) found++;
        return found;
    }
}
