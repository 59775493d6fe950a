namespace MLNet.Devise.Evaluation;

/// <summary>
/// Chooses γ of calibrated stacking (Chao et al. 2016, arXiv:1605.04253) without looking at a test class: a model that was trained without
/// some of the seen classes is asked to tell these, as if unseen, from the others.
/// </summary>
internal static class GammaSearch
{
    private const int Steps = 120;

    /// <summary>The γ of −0.2..1 by 0.01 with the best harmonic mean of per-class top-1; the smallest of equals.</summary>
    /// <param name="seen">Images of the classes that were trained on.</param>
    /// <param name="pseudoUnseen">Images of the classes held out.</param>
    /// <param name="isHeldOut">For each label, whether it was held out; γ is taken off the cosines of the others.</param>
    public static CalibratedMetrics Best(LabelCosines seen, LabelCosines pseudoUnseen, IReadOnlyList<bool> isHeldOut)
    {
        if (seen.Truth.Count == 0 || pseudoUnseen.Truth.Count == 0) throw new ArgumentException($"{seen.Truth.Count} images of seen classes and {pseudoUnseen.Truth.Count} of held-out ones, expected some of both");
        CalibratedMetrics? best = null;
        for (var step = 0; step <= Steps; step++)
        {
            var gamma = Math.Round(-0.2 + 0.01 * step, 2);
            var (unseenRate, seenRate) = (Top1(pseudoUnseen, isHeldOut, (float)gamma), Top1(seen, isHeldOut, (float)gamma));
            var harmonic = GeneralizedMetrics.HarmonicMean(unseenRate, seenRate);
            if (best is null || harmonic > best.Harmonic) best = new(gamma, unseenRate, seenRate, harmonic);
        }
        return best!;
    }

    private static double Top1(LabelCosines images, IReadOnlyList<bool> isHeldOut, float gamma) =>
        HitRates.MeanPerClass(images.Truth, i => Winner(images.Row(i, isHeldOut.Count), isHeldOut, gamma) == images.Truth[i]);

    /// <summary>The label with the highest handicapped cosine; ties go to the lower index.</summary>
    private static int Winner(ReadOnlySpan<float> cosines, IReadOnlyList<bool> isHeldOut, float gamma)
    {
        var (winner, highest) = (0, float.NegativeInfinity);
        for (var label = 0; label < cosines.Length; label++)
        {
            var score = isHeldOut[label] ? cosines[label] : cosines[label] - gamma;
            if (score > highest) (winner, highest) = (label, score);
        }
        return winner;
    }
}

/// <summary>Cosines of images with all labels.</summary>
/// <param name="Values">Row-major, images × labels.</param>
/// <param name="Truth">Label index of each image.</param>
internal sealed record LabelCosines(float[] Values, IReadOnlyList<int> Truth)
{
    public ReadOnlySpan<float> Row(int image, int labels) => Values.AsSpan(image * labels, labels);
}
