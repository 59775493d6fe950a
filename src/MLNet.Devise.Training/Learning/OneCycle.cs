namespace MLNet.Devise.Training.Learning;

/// <summary>
/// The one-cycle policy with cosine annealing (Smith 2018, arXiv:1803.09820, as fastai v1 runs it): the learning rate climbs from
/// max/div to max and falls to max/(div·10⁴), momentum goes the other way.
/// </summary>
public static class OneCycle
{
    /// <summary>Learning-rate factor (1 at the peak) and momentum (β1) of one step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="total">Steps in the cycle, at least 1.</param>
    /// <param name="options">Shape of the cycle.</param>
    public static (double Rate, double Momentum) At(int step, int total, OneCycleOptions options)
    {
        var rise = (int)(total * options.PctStart);
        if (step < rise)
        {
            var done = (double)step / rise;
            return (Anneal(1 / options.Div, 1, done), Anneal(options.MomentumHigh, options.MomentumLow, done));
        }
        var rest = (double)(step - rise) / Math.Max(1, total - rise);
        return (Anneal(1, 1 / (options.Div * 1e4), rest), Anneal(options.MomentumLow, options.MomentumHigh, rest));
    }

    /// <summary>Spreads rates geometrically from <paramref name="low"/> (first group) to <paramref name="high"/> (last), as fastai's <c>slice(low, high)</c>.</summary>
    public static double[] Spread(double low, double high, int groups) =>
        groups == 1 ? [high] : [.. Enumerable.Range(0, groups).Select(i => low * Math.Pow(high / low, (double)i / (groups - 1)))];

    private static double Anneal(double from, double to, double done) => to + (from - to) / 2 * (Math.Cos(Math.PI * done) + 1);
}

/// <summary>Shape of a cycle; the defaults are fastai v1's.</summary>
public sealed record OneCycleOptions
{
    /// <summary>Peak rate over starting rate.</summary>
    public double Div { get; init; } = 25;

    /// <summary>Share of the steps in which the rate climbs, 0..1.</summary>
    public double PctStart { get; init; } = 0.3;

    /// <summary>Momentum (Adam's β1) at both ends.</summary>
    public double MomentumHigh { get; init; } = 0.95;

    /// <summary>Momentum (Adam's β1) at the peak of the rate.</summary>
    public double MomentumLow { get; init; } = 0.85;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (Div is not (>= 1 and <= 1e6)) throw new DeviseInputException($"oneCycle.div: {Div}, expected 1..1e6");
        if (PctStart is not (>= 0 and < 1)) throw new DeviseInputException($"oneCycle.pctStart: {PctStart}, expected at least 0 and below 1");
        foreach (var (key, momentum) in ((string, double)[])[("momentumHigh", MomentumHigh), ("momentumLow", MomentumLow)])
            if (momentum is not (>= 0 and < 1)) throw new DeviseInputException($"oneCycle.{key}: {momentum}, expected at least 0 and below 1");
    }
}
