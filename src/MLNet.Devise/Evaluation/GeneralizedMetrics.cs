namespace MLNet.Devise.Evaluation;

/// <summary>
/// Generalised zero-shot (Xian et al. 2018): seen and unseen labels compete for every image. A model that never answers with an
/// unseen label has <paramref name="Unseen"/> 0 and so <paramref name="Harmonic"/> 0, however good it is on seen classes.
/// </summary>
/// <param name="Unseen">Per-class top-1 of the unseen classes.</param>
/// <param name="Seen">Per-class top-1 of the seen classes.</param>
/// <param name="Harmonic">Harmonic mean of the two.</param>
/// <param name="AreaUnderCurve">Area under seen over unseen accuracy for all γ (AUSUC, Chao et al. 2016): needs no choice of γ.</param>
/// <param name="Calibrated">The same three with a given γ; null where none was given.</param>
/// <param name="Best">The same with the γ that is best for these very images: what calibration could reach at most, not a result.</param>
/// <param name="Curve">Points of the curve by rising γ, at most 256.</param>
public sealed record GeneralizedMetrics(
    double Unseen, double Seen, double Harmonic, double AreaUnderCurve, CalibratedMetrics? Calibrated, CalibratedMetrics Best, IReadOnlyList<CurvePoint> Curve)
{
    internal static GeneralizedMetrics Of(EvaluatedImages images, SeenUnseenCurve curve, double? gamma)
    {
        var (plain, points) = (At(images, 0), curve.Points());
        var best = SeenUnseenCurve.Best(points);
        return new(
            plain.Unseen, plain.Seen, plain.Harmonic, curve.Area(), gamma is { } given ? At(images, given) : null,
            new(best.Gamma, best.Unseen, best.Seen, HarmonicMean(best.Unseen, best.Seen)), points);
    }

    /// <summary>The label that wins when γ is taken off the cosines of the first <paramref name="seen"/> labels; ties go to the lower index.</summary>
    internal static int BestLabel(ReadOnlySpan<float> cosines, int seen, double gamma)
    {
        var best = 0;
        for (var i = 1; i < cosines.Length; i++)
            if (Score(cosines, i, seen, gamma) > Score(cosines, best, seen, gamma)) best = i;
        return best;
    }

    private static float Score(ReadOnlySpan<float> cosines, int label, int seen, double gamma) => label < seen ? cosines[label] - (float)gamma : cosines[label];

    private static CalibratedMetrics At(EvaluatedImages images, double gamma)
    {
        bool Hit(int i) => BestLabel(images.Cosines(i)[..images.Known], images.Seen, gamma) == images.Truth[i];
        var seen = HitRates.MeanPerClass([.. images.Truth.Take(images.SeenItems)], Hit);
        var unseen = HitRates.MeanPerClass([.. images.Truth.Skip(images.SeenItems)], i => Hit(i + images.SeenItems));
        return new(gamma, unseen, seen, HarmonicMean(unseen, seen));
    }

    internal static double HarmonicMean(double a, double b) => a + b > 0 ? 2 * a * b / (a + b) : 0;
}

/// <summary>Generalised zero-shot with calibrated stacking (Chao et al. 2016).</summary>
/// <param name="Gamma">Taken off the cosines of seen labels.</param>
/// <param name="Unseen">Per-class top-1 of the unseen classes.</param>
/// <param name="Seen">Per-class top-1 of the seen classes.</param>
/// <param name="Harmonic">Harmonic mean of the two.</param>
public sealed record CalibratedMetrics(double Gamma, double Unseen, double Seen, double Harmonic);
