namespace MLNet.Devise.Evaluation;

/// <summary>How intervals are found.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Resamples, 0 for no intervals; at most 1,000,000.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>Seed of the draws.</summary>
    public long Seed { get; init; }

    /// <summary>Share of resamples inside an interval, above 0 and below 1.</summary>
    public double Level { get; init; } = 0.95;

    internal BootstrapOptions Validated()
    {
        if (Resamples is < 0 or > 1_000_000) throw new DeviseInputException($"resamples: {Resamples}, expected 0 to 1000000");
        if (!(Level is > 0 and < 1)) throw new DeviseInputException($"level: {Level}, expected above 0 and below 1, for instance 0.95");
        return this;
    }
}

/// <summary>A bootstrap interval.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High);

/// <summary>
/// The percentile bootstrap (Efron 1979; Efron and Tibshirani 1993, §13.3), stratified: within each stratum as many units as it has are
/// drawn from it with replacement, so that no class vanishes and the classes' sizes stay as they are.
/// </summary>
internal static class Bootstrap
{
    /// <summary>A statistic of a resample, given how often each unit was drawn.</summary>
    public delegate double Statistic(double[] times);

    /// <summary>Values of each statistic over the resamples, in the order drawn.</summary>
    /// <param name="strata">The stratum of each unit.</param>
    /// <param name="options">How many, from which seed.</param>
    /// <param name="statistics">What to compute of each.</param>
    public static double[][] Values(IReadOnlyList<int> strata, BootstrapOptions options, IReadOnlyList<Statistic> statistics)
    {
        var members = Enumerable.Range(0, strata.Count).GroupBy(i => strata[i]).OrderBy(stratum => stratum.Key).Select(stratum => stratum.ToArray()).ToArray();
        var random = new Random(Data.StableHash.Seed(options.Seed, "bootstrap"));
        var (values, times) = (statistics.Select(_ => new double[options.Resamples]).ToArray(), new double[strata.Count]);
        for (var resample = 0; resample < options.Resamples; resample++)
        {
            Array.Clear(times);
            foreach (var stratum in members)
                for (var draw = 0; draw < stratum.Length; draw++) times[stratum[random.Next(stratum.Length)]]++;
            for (var s = 0; s < statistics.Count; s++) values[s][resample] = statistics[s](times);
        }
        return values;
    }

    /// <summary>An interval for each statistic.</summary>
    public static Interval[] Intervals(IReadOnlyList<int> strata, BootstrapOptions options, IReadOnlyList<Statistic> statistics) =>
        [.. Values(strata, options, statistics).Select(values => Percentile(values, options.Level))];

    /// <summary>The middle share of the values; between two of them linearly (Hyndman and Fan 1996, type 7, as NumPy does).</summary>
    public static Interval Percentile(double[] values, double level)
    {
        var sorted = values.Order().ToArray();
        double At(double share)
        {
            var place = share * (sorted.Length - 1);
            var below = (int)Math.Floor(place);
            var above = Math.Min(below + 1, sorted.Length - 1);
            return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
        }
        return new(At((1 - level) / 2), At((1 + level) / 2));
    }
}
