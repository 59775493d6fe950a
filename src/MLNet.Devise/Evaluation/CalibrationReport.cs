using MLNet.Devise.Scoring;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// Whether probabilities mean what they say: softmax(cosine / temperature) over the labels of an image's own kind, with a temperature
/// fitted on images other than those measured (<see cref="LabelCalibration.FitTemperature"/>).
/// </summary>
/// <param name="Temperature">Fitted on all images of <paramref name="FittedOn"/>: the one to use.</param>
/// <param name="FittedOn">
/// <c>valid</c>: the validation images, where test images are measured; <c>halves</c>: each half of every class's images with the
/// temperature of the other half; <c>same</c>: too few images to part.
/// </param>
/// <param name="Seen">Images of seen classes among seen labels.</param>
/// <param name="Unseen">Images of unseen classes among unseen labels, with the same <paramref name="Temperature"/>; null where there are none.</param>
public sealed record CalibrationReport(double Temperature, string FittedOn, ReliabilityCurve Seen, ReliabilityCurve? Unseen)
{
    /// <summary>The report, and each image's confidence in the best label of its own kind.</summary>
    internal static (CalibrationReport Report, double[] Confidences) Of(EvaluatedImages images)
    {
        var count = images.Items.Count;
        var (temperatures, common, on) = Fit(images);
        var (confidences, truths, squares, right) = (new double[count], new double[count], new double[count], new bool[count]);
        Parallel.For(0, count, i =>
        {
            var labels = i < images.SeenItems ? ..images.Seen : images.Seen..images.Known;
            var probabilities = Softmax(images.Cosines(i)[labels], temperatures[i]);
            var (best, truth) = (Predictions.Best(images.Cosines(i)[labels]), images.Truth[i] - labels.Start.Value);
            (confidences[i], truths[i], right[i]) = (probabilities[best], probabilities[truth], best == truth);
            squares[i] = probabilities.Sum(p => p * p) - 2 * probabilities[truth] + 1;
        });
        ReliabilityCurve Curve(Range range) => ReliabilityCurve.Of(confidences[range], right[range], truths[range], squares[range]);
        return (new(common, on, Curve(..images.SeenItems), images.SeenItems < count ? Curve(images.SeenItems..) : null), confidences);
    }

    /// <summary>softmax(cosine / temperature).</summary>
    internal static double[] Softmax(ReadOnlySpan<float> cosines, double temperature)
    {
        var (result, sum, highest) = (new double[cosines.Length], 0.0, cosines[Predictions.Best(cosines)]);
        for (var i = 0; i < result.Length; i++) sum += result[i] = Math.Exp(((double)cosines[i] - highest) / temperature);
        for (var i = 0; i < result.Length; i++) result[i] /= sum;
        return result;
    }

    /// <summary>A temperature for each image, the one for all, and what it was fitted on.</summary>
    private static (double[] Each, double Common, string On) Fit(EvaluatedImages images)
    {
        double[] Alike(double temperature) => [.. Enumerable.Repeat(temperature, images.Items.Count)];
        if (images.TuningRows.Count > 0)
        {
            var tuned = LabelCalibration.FitTemperature(images.TuningRows, images.TuningTruth);
            return (Alike(tuned), tuned, "valid");
        }
        double On(IEnumerable<int> which)
        {
            var rows = which.ToArray();
            return LabelCalibration.FitTemperature([.. rows.Select(i => images.Cosines(i)[..images.Seen].ToArray())], [.. rows.Select(i => images.Truth[i])]);
        }
        var (half, met) = (new int[images.SeenItems], new Dictionary<int, int>());
        for (var i = 0; i < half.Length; i++) half[i] = (met[images.Truth[i]] = met.GetValueOrDefault(images.Truth[i]) + 1) % 2;
        var common = On(Enumerable.Range(0, half.Length));
        if (half.Distinct().Count() < 2) return (Alike(common), common, "same");
        double[] others = [On(Enumerable.Range(0, half.Length).Where(i => half[i] == 1)), On(Enumerable.Range(0, half.Length).Where(i => half[i] == 0))];
        var each = Alike(common);
        for (var i = 0; i < half.Length; i++) each[i] = others[half[i]];
        return (each, common, "halves");
    }
}
