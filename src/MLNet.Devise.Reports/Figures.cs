using MLNet.Devise.Evaluation;
using MLNet.Devise.Reports.Drawing;

namespace MLNet.Devise.Reports;

/// <summary>
/// The figures of a report as PNG files' bytes. The same input gives the same bytes, and text needs no font of the machine.
/// </summary>
public static class Figures
{
    /// <summary>The confusion matrix, seen classes first, the border to the unseen ones marked.</summary>
    public static byte[] Confusion(ConfusionMatrix matrix) => ConfusionFigure.Png(matrix);

    /// <summary>Accuracy of each class, seen and unseen ones apart.</summary>
    public static byte[] Classes(EvaluationResult result) => ClassFigure.Png(result);

    /// <summary>Losses and accuracy over the epochs of both stages.</summary>
    /// <param name="history">At least one epoch.</param>
    public static byte[] Training(IReadOnlyList<EpochRecord> history) => TrainingFigure.Png(history);

    /// <summary>The loss while the learning rate rises, with the suggestion marked.</summary>
    /// <param name="points">Learning rates, rising, and losses.</param>
    /// <param name="suggestion">The rate to mark; may be null.</param>
    public static byte[] LearningRates(IReadOnlyList<(double Rate, double Loss)> points, double? suggestion) => LearningRateFigure.Png(points, suggestion);
}
