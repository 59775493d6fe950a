namespace MLNet.Devise.Evaluation;

/// <summary>Accuracy beside confidence, in fifteen bins of confidence (Guo et al. 2017, arXiv:1706.04599, §2).</summary>
/// <param name="Ece">Expected calibration error, eq. 3: the mean distance of a bin's accuracy from its confidence, each bin with the share of its images.</param>
/// <param name="MaximumError">The largest such distance, eq. 5.</param>
/// <param name="LogLoss">Mean negative natural logarithm of the true label's probability.</param>
/// <param name="Brier">Mean over images of Σ over labels of (probability − 1 if true, else 0)² (Brier 1950), 0..2.</param>
/// <param name="Bins">By rising confidence; bins without images are left out.</param>
public sealed record ReliabilityCurve(double Ece, double MaximumError, double LogLoss, double Brier, IReadOnlyList<ReliabilityBin> Bins)
{
    private const int Count = 15;

    /// <summary>The curve of images with their confidences, whether each is right, its true label's probability and its square error.</summary>
    internal static ReliabilityCurve Of(double[] confidences, bool[] right, double[] truths, double[] squares)
    {
        var bins = Enumerable.Range(0, confidences.Length).GroupBy(i => Bin(confidences[i])).OrderBy(bin => bin.Key).Select(bin => new ReliabilityBin(
            (double)bin.Key / Count, (bin.Key + 1.0) / Count, bin.Count(), bin.Average(i => confidences[i]), bin.Average(i => right[i] ? 1.0 : 0))).ToArray();
        return new(
            bins.Sum(bin => bin.Images * Math.Abs(bin.Accuracy - bin.Confidence)) / confidences.Length, bins.Max(bin => Math.Abs(bin.Accuracy - bin.Confidence)),
            // A probability of 0 is one too small for a double.
            truths.Average(p => -Math.Log(Math.Max(p, double.Epsilon))), squares.Average(), bins);
    }

    /// <summary>A bin reaches from just above its lower end to its upper end; the first holds 0 too.</summary>
    private static int Bin(double confidence) => Math.Clamp((int)Math.Ceiling(confidence * Count) - 1, 0, Count - 1);
}

/// <summary>Images of like confidence.</summary>
/// <param name="From">Confidence above this, 0..1.</param>
/// <param name="To">And at most this.</param>
/// <param name="Images">How many.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Accuracy">Share of them whose best label is right.</param>
public sealed record ReliabilityBin(double From, double To, int Images, double Confidence, double Accuracy);
