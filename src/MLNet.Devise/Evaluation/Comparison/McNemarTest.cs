namespace MLNet.Devise.Evaluation.Comparison;

/// <summary>
/// McNemar's test on the same images: only those count that one model names right and the other wrong. Two-sided; Fagerland, Lydersen and
/// Laake 2013 (BMC Medical Research Methodology 13:91) recommend the mid-p value, as the exact one is too cautious.
/// </summary>
/// <param name="OnlyFirst">Images that only the first model names right.</param>
/// <param name="OnlySecond">Images that only the second model names right.</param>
/// <param name="Exact">Exact conditional p-value, 0..1.</param>
/// <param name="MidP">Mid-p value, 0..1.</param>
public sealed record McNemarTest(int OnlyFirst, int OnlySecond, double Exact, double MidP)
{
    /// <summary>The test of two counts of disagreement.</summary>
    public static McNemarTest Of(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        var (few, all) = (Math.Min(onlyFirst, onlySecond), onlyFirst + onlySecond);
        if (all == 0) return new(0, 0, 1, 1);
        // Binomial(all, ½), in logarithms: ½ to the 1,100th is below what a double holds.
        var (term, below) = (-all * Math.Log(2), 0.0);
        for (var k = 0; k < few; k++)
        {
            below += Math.Exp(term);
            term += Math.Log((double)(all - k) / (k + 1));
        }
        var here = Math.Exp(term);
        return new(
            onlyFirst, onlySecond,
            Math.Min(1, 2 * (below + here)),
            onlyFirst == onlySecond ? 1 - here / 2 : 2 * below + here);
    }

    /// <summary>The test of two lists of outcomes.</summary>
    internal static McNemarTest Of(IEnumerable<(bool First, bool Second)> outcomes)
    {
        var (first, second) = (0, 0);
        foreach (var (a, b) in outcomes)
        {
            if (a && !b) first++;
            if (b && !a) second++;
        }
        return Of(first, second);
    }

    /// <summary>p-values adjusted for how many there are (Holm 1979), in their order.</summary>
    internal static double[] Holm(IReadOnlyList<double> values)
    {
        var (adjusted, highest) = (new double[values.Count], 0.0);
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        for (var place = 0; place < order.Length; place++)
        {
            highest = Math.Max(highest, Math.Min(1, (order.Length - place) * values[order[place]]));
            adjusted[order[place]] = highest;
        }
        return adjusted;
    }
}
