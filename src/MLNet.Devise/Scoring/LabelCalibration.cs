namespace MLNet.Devise.Scoring;

/// <summary>Finds what <see cref="LabelRanking"/> needs from scores whose true label is known.</summary>
public static class LabelCalibration
{
    private const double Lowest = 1e-3, Highest = 1e2;

    /// <summary>The temperature with which softmax(score / temperature) gives the true labels the highest likelihood (Guo et al. 2017).</summary>
    /// <param name="scores">A row an image: the score of every label, as the column <c>Score</c> has it without a temperature.</param>
    /// <param name="truth">The index of each image's true label.</param>
    /// <returns>0.001 to 100, to four digits.</returns>
    /// <exception cref="DeviseInputException">No row, rows of several lengths, a score that is not finite (leave out images that could not be read), or a label that is not among the scores.</exception>
    public static double FitTemperature(IReadOnlyList<IReadOnlyList<float>> scores, IReadOnlyList<int> truth)
    {
        if (scores.Count == 0 || scores.Count != truth.Count) throw new DeviseInputException($"{scores.Count} rows of scores with {truth.Count} labels, expected at least one and as many");
        for (var row = 0; row < scores.Count; row++)
        {
            if (scores[row].Count != scores[0].Count) throw new DeviseInputException($"row {row}: {scores[row].Count} scores, expected {scores[0].Count}, as in the first row");
            if (truth[row] < 0 || truth[row] >= scores[row].Count) throw new DeviseInputException($"row {row}: label {truth[row]}, expected 0 to {scores[row].Count - 1}");
            if (!scores[row].All(float.IsFinite)) throw new DeviseInputException($"row {row}: a score that is not finite, expected numbers; leave out images that could not be read");
        }

        // In 1 / temperature the loss has a single valley, so thirds close in on it; logarithms keep both ends in reach.
        var (low, high) = (Math.Log(Lowest), Math.Log(Highest));
        while (high - low > 1e-5)
        {
            var (left, right) = (low + (high - low) / 3, high - (high - low) / 3);
            if (Loss(scores, truth, Math.Exp(left)) < Loss(scores, truth, Math.Exp(right))) high = right;
            else low = left;
        }
        return Math.Exp((low + high) / 2);
    }

    /// <summary>Mean negative logarithm of the probability given to the true label.</summary>
    private static double Loss(IReadOnlyList<IReadOnlyList<float>> scores, IReadOnlyList<int> truth, double temperature)
    {
        var sum = 0.0;
        for (var row = 0; row < scores.Count; row++)
        {
            var highest = scores[row].Max() / temperature;
            sum += highest + Math.Log(scores[row].Sum(score => Math.Exp(score / temperature - highest))) - scores[row][truth[row]] / temperature;
        }
        return sum / scores.Count;
    }
}
