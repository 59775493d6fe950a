namespace MLNet.Devise.Training.Learning;

/// <summary>What an LR finder saw: the smoothed loss while the learning rate rises exponentially (Smith 2017, arXiv:1506.01186).</summary>
/// <param name="Points">Rates, rising, and the smoothed loss at each.</param>
public sealed record LearningRateSweep(IReadOnlyList<LearningRatePoint> Points)
{
    // fastai v1's: the ends of the curve are noise and divergence.
    private const int SkipFirst = 10, SkipLast = 5;
    private const double Memory = 0.98, Diverged = 4;

    /// <summary>The rate at which the loss falls fastest: a peak rate to start from. Null where the sweep is too short to tell.</summary>
    public double? Suggestion
    {
        get
        {
            var inner = Enumerable.Range(SkipFirst, Math.Max(0, Points.Count - SkipFirst - SkipLast)).ToArray();
            if (inner.Length < 3) return null;
            return Points[inner.MinBy(i => Points[i + 1].Loss - Points[i - 1].Loss)].Rate;
        }
    }

    /// <summary>The rate of a step: from <paramref name="low"/> to <paramref name="high"/> by equal factors.</summary>
    internal static double RateAt(int step, int steps, double low, double high) => low * Math.Pow(high / low, (double)step / (steps - 1));

    /// <summary>Smooths losses as they come and ends when they have left their best behind.</summary>
    /// <param name="steps">Rate and loss of each step, made as it is asked for.</param>
    internal static LearningRateSweep Of(IEnumerable<LearningRatePoint> steps)
    {
        var points = new List<LearningRatePoint>();
        var (mean, best) = (0.0, double.PositiveInfinity);
        foreach (var (rate, loss) in steps)
        {
            mean = Memory * mean + (1 - Memory) * loss;
            // A mean that starts at 0 is too low at first.
            var smooth = mean / (1 - Math.Pow(Memory, points.Count + 1));
            if (!double.IsFinite(smooth) || (points.Count > 0 && smooth > Diverged * best)) break;
            best = Math.Min(best, smooth);
            points.Add(new(rate, smooth));
        }
        return new(points);
    }
}

/// <summary>One step of a sweep.</summary>
/// <param name="Rate">Learning rate of the head.</param>
/// <param name="Loss">Loss; smoothed in a finished sweep.</param>
public readonly record struct LearningRatePoint(double Rate, double Loss);
