namespace MLNet.Devise.Evaluation;

/// <summary>
/// How much each image counts in a rate, so that a rate is Σ weight · outcome. Rates that are linear in the images' outcomes can then be
/// resampled and compared by dot products alone.
/// </summary>
internal static class ClassWeights
{
    /// <summary>1 / n for the images in the range, 0 for others.</summary>
    public static double[] Mean(int count, Range range)
    {
        var weights = new double[count];
        var (start, length) = range.GetOffsetAndLength(count);
        weights.AsSpan(start, length).Fill(1.0 / length);
        return weights;
    }

    /// <summary>1 / (classes · images of the class) within each range, so that every class of a range weighs the same; 0 outside them.</summary>
    public static double[] PerClass(IReadOnlyList<int> truth, params ReadOnlySpan<Range> ranges)
    {
        var weights = new double[truth.Count];
        foreach (var range in ranges)
        {
            var (start, length) = range.GetOffsetAndLength(truth.Count);
            var sizes = Enumerable.Range(start, length).CountBy(i => truth[i]).ToDictionary();
            for (var i = start; i < start + length; i++) weights[i] = 1.0 / sizes.Count / sizes[truth[i]];
        }
        return weights;
    }

    /// <summary>The weights of those that hit, 0 for the others: their sum is the rate.</summary>
    public static double[] Of(double[] weights, Func<int, bool> hit) => [.. weights.Select((weight, i) => weight != 0 && hit(i) ? weight : 0)];
}
