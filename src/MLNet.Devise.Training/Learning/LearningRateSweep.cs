namespace MLNet.Devise.Training.Learning;

/// <summary>What an LR finder saw: the smoothed loss while the learning rate rises exponentially (Smith 2017, arXiv:1506.01186).</summary>
/// <param name="Points">Rates, rising, and the smoothed loss at each.</param>
public sealed record LearningRateSweep(IReadOnlyList<LearningRatePoint> Points)
{
    /// <summary>Points on either side that smooth one, and over which a slope is taken.</summary>
    private const int Reach = 5;

    // The running mean that ends a sweep forgets faster than a sweep is long.
    private const double Memory = 0.9, Diverged = 4;

    /// <summary>
    /// The rate at which the loss falls fastest on its way to its lowest point: the largest peak rate to try. Null where the sweep is too
    /// short, or the loss never falls.
    /// </summary>
    public double? Suggestion
    {
        get
        {
            if (Points.Count < 4 * Reach) return null;
            var lowest = Enumerable.Range(0, Points.Count).MinBy(i => Points[i].Loss);
            var candidates = Enumerable.Range(Reach, Math.Max(0, Math.Min(lowest, Points.Count - 1 - Reach) - Reach)).ToArray();
            if (candidates.Length == 0) return null;
            var steepest = candidates.MinBy(i => Points[i + Reach].Loss - Points[i - Reach].Loss);
            return Points[steepest + Reach].Loss < Points[steepest - Reach].Loss ? Points[steepest].Rate : null;
        }
    }

    /// <summary>The rate of a step: from <paramref name="low"/> to <paramref name="high"/> by equal factors.</summary>
    internal static double RateAt(int step, int steps, double low, double high) => low * Math.Pow(high / low, (double)step / (steps - 1));

    /// <summary>Takes losses as they come, ends when they have left their best behind, and smooths what it has from both sides, so that the curve does not lag.</summary>
    /// <param name="steps">Rate and loss of each step, made as it is asked for.</param>
    internal static LearningRateSweep Of(IEnumerable<LearningRatePoint> steps)
    {
        var raw = new List<LearningRatePoint>();
        var (sum, best) = (0.0, double.PositiveInfinity);
        foreach (var point in steps)
        {
            sum = Memory * sum + (1 - Memory) * point.Loss;
            // A mean that starts at 0 is too low at first.
            var mean = sum / (1 - Math.Pow(Memory, raw.Count + 1));
            if (!double.IsFinite(mean) || mean > Diverged * best) break;
            best = Math.Min(best, mean);
            raw.Add(point);
        }
        return new([.. raw.Select((point, i) => point with { Loss = Smooth(raw, i) })]);
    }

    /// <summary>Mean of the neighbours, nearer ones counting more; as many on both sides, so that the ends are not bent.</summary>
    private static double Smooth(List<LearningRatePoint> raw, int i)
    {
        var reach = Math.Min(Reach, Math.Min(i, raw.Count - 1 - i));
        var (sum, weights) = (0.0, 0.0);
        for (var k = -reach; k <= reach; k++)
        {
            var weight = 1 - Math.Abs(k) / (reach + 1.0);
            (sum, weights) = (sum + weight * raw[i + k].Loss, weights + weight);
        }
        return sum / weights;
    }
}

/// <summary>One step of a sweep.</summary>
/// <param name="Rate">Learning rate of the head.</param>
/// <param name="Loss">Loss; smoothed in a finished sweep.</param>
public readonly record struct LearningRatePoint(double Rate, double Loss);
