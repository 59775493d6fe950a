namespace MLNet.Devise.Evaluation;

/// <summary>A point of the seen–unseen curve: what calibrated stacking with this γ gives.</summary>
/// <param name="Gamma">Taken off the cosines of seen labels: at the first point the largest with which seen labels always win, later the middle of those that give the same.</param>
/// <param name="Unseen">Per-class top-1 of the unseen classes.</param>
/// <param name="Seen">Per-class top-1 of the seen classes.</param>
public sealed record CurvePoint(double Gamma, double Unseen, double Seen);

/// <summary>
/// The exact seen–unseen accuracy curve (Chao et al. 2016, §3.2). An image goes to its best seen label as long as γ is at most its margin,
/// best seen − best unseen cosine, and else to its best unseen label; so the curve changes at the margins and nowhere else, and no grid
/// of γ is needed.
/// </summary>
internal sealed class SeenUnseenCurve
{
    private const int MostPoints = 256;

    private readonly int[] _order;
    private readonly double[] _margins;
    private readonly bool[] _seenRight, _unseenRight;
    private readonly double[] _weights;
    private readonly int _seenItems;

    public SeenUnseenCurve(EvaluatedImages images)
    {
        var count = images.Items.Count;
        (_seenItems, _margins, _seenRight, _unseenRight) = (images.SeenItems, new double[count], new bool[count], new bool[count]);
        for (var i = 0; i < count; i++)
        {
            var cosines = images.Cosines(i);
            var (seen, unseen) = (Predictions.Best(cosines[..images.Seen]), images.Seen + Predictions.Best(cosines[images.Seen..images.Known]));
            _margins[i] = (double)cosines[seen] - cosines[unseen];
            (_seenRight[i], _unseenRight[i]) = (seen == images.Truth[i], unseen == images.Truth[i]);
        }
        _weights = ClassWeights.PerClass(images.Truth, ..images.SeenItems, images.SeenItems..);
        _order = [.. Enumerable.Range(0, count).OrderBy(i => _margins[i]).ThenBy(i => i)];
    }

    /// <summary>Area under the curve, 0..1 (AUSUC).</summary>
    /// <param name="times">How often each image counts; null for once. The classes' weights stay as they are.</param>
    public double Area(double[]? times = null)
    {
        var (area, before) = (0.0, default((double Unseen, double Seen)?));
        foreach (var (_, unseen, seen) in Walk(times))
        {
            if (before is { } last) area += (unseen - last.Unseen) * (seen + last.Seen) / 2;
            before = (unseen, seen);
        }
        return area;
    }

    /// <summary>Points from γ → −∞ to γ → +∞, thinned to at most 256 where there are more; the ends and the best harmonic mean are always kept.</summary>
    public IReadOnlyList<CurvePoint> Points()
    {
        var all = Walk(null).Select(point => new CurvePoint(point.Gamma, point.Unseen, point.Seen)).ToArray();
        // Only where an accuracy changes is there something to draw.
        var kept = all.Where((point, i) => i == 0 || i == all.Length - 1 || point.Unseen != all[i - 1].Unseen || point.Seen != all[i - 1].Seen).ToArray();
        if (kept.Length <= MostPoints) return kept;
        var best = Array.IndexOf(kept, Best(kept));
        return [.. Enumerable.Range(0, MostPoints - 1).Select(i => (int)((long)i * (kept.Length - 1) / (MostPoints - 2))).Append(best).Distinct().Order().Select(i => kept[i])];
    }

    /// <summary>The point with the highest harmonic mean; the first of equals.</summary>
    public static CurvePoint Best(IEnumerable<CurvePoint> points) => points.MaxBy(point => GeneralizedMetrics.HarmonicMean(point.Unseen, point.Seen))!;

    /// <summary>The curve by rising γ: each distinct margin's images go over to unseen labels together, just above it.</summary>
    private IEnumerable<(double Gamma, double Unseen, double Seen)> Walk(double[]? times)
    {
        double unseen = 0, seen = 0;
        for (var i = 0; i < _seenItems; i++)
            if (_seenRight[i]) seen += Weight(i);
        yield return (_margins[_order[0]], unseen, seen);
        for (var at = 0; at < _order.Length;)
        {
            var margin = _margins[_order[at]];
            for (; at < _order.Length && _margins[_order[at]] == margin; at++)
            {
                var i = _order[at];
                if (i < _seenItems && _seenRight[i]) seen -= Weight(i);
                if (i >= _seenItems && _unseenRight[i]) unseen += Weight(i);
            }
            yield return (at < _order.Length ? (margin + _margins[_order[at]]) / 2 : Math.BitIncrement(margin), unseen, Math.Max(0, seen));
        }

        double Weight(int i) => times is null ? _weights[i] : times[i] * _weights[i];
    }
}
