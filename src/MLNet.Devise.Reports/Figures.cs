using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Reports.Drawing;
using SkiaSharp;

namespace MLNet.Devise.Reports;

/// <summary>
/// The figures of a report as files' bytes. The same input gives the same bytes, and text needs no font of the machine.
/// </summary>
public static class Figures
{
    /// <summary>The confusion matrix, seen classes first, the border to the unseen ones marked.</summary>
    /// <param name="matrix">Which class is taken for which.</param>
    /// <param name="labels">Label vectors by which like classes are put side by side; null keeps the matrix's order.</param>
    /// <param name="format">Kind of file.</param>
    public static byte[] Confusion(ConfusionMatrix matrix, LabelSpace? labels = null, FigureFormat format = FigureFormat.Png) =>
        Make(ink => ConfusionFigure.Draw(labels is null ? matrix : LabelOrder.Sorted(matrix, labels), ink, labels is not null), format);

    /// <summary>Accuracy of each class, seen and unseen ones apart.</summary>
    public static byte[] Classes(EvaluationResult result, FigureFormat format = FigureFormat.Png) => Make(ink => ClassFigure.Draw(result, ink), format);

    /// <summary>Losses and accuracy over the epochs of both stages.</summary>
    /// <param name="history">At least one epoch.</param>
    /// <param name="format">Kind of file.</param>
    public static byte[] Training(IReadOnlyList<EpochRecord> history, FigureFormat format = FigureFormat.Png) => Make(ink => TrainingFigure.Draw(history, ink), format);

    /// <summary>The loss while the learning rate rises, with the suggestion marked.</summary>
    /// <param name="points">Learning rates, rising, and losses.</param>
    /// <param name="suggestion">The rate to mark; may be null.</param>
    /// <param name="format">Kind of file.</param>
    public static byte[] LearningRates(IReadOnlyList<(double Rate, double Loss)> points, double? suggestion, FigureFormat format = FigureFormat.Png) =>
        Make(ink => LearningRateFigure.Draw(points, suggestion, ink), format);

    /// <summary>Photos of each class, by what they are for.</summary>
    /// <param name="classes">At least one.</param>
    /// <param name="format">Kind of file.</param>
    public static byte[] Histogram(IReadOnlyList<ClassImages> classes, FigureFormat format = FigureFormat.Png) => Make(ink => HistogramFigure.Draw(classes, ink), format);

    /// <summary>What is taken for what most often; null where nothing is taken for anything else twice.</summary>
    public static byte[]? ConfusedPairs(ConfusionMatrix matrix, LabelSpace labels, FigureFormat format = FigureFormat.Png) =>
        ConfusedPair.Of(matrix, labels, ConfusedPairsFigure.Most) is { Count: > 0 } pairs ? Make(ink => ConfusedPairsFigure.Draw(pairs, ink), format) : null;

    /// <summary>Accuracy on seen classes over that on unseen ones, for every handicap of seen names.</summary>
    public static byte[] SeenUnseen(GeneralizedMetrics metrics, FigureFormat format = FigureFormat.Png) => Make(ink => SeenUnseenFigure.Draw(metrics, ink), format);

    /// <summary>How often answers of like confidence are right.</summary>
    public static byte[] Reliability(CalibrationReport report, FigureFormat format = FigureFormat.Png) => Make(ink => ReliabilityFigure.Draw(report, ink), format);

    /// <summary>Photos and word vectors on the plane on which the photos differ most (principal components).</summary>
    public static byte[] Embedding(EvaluationResult result, LabelSpace labels, FigureFormat format = FigureFormat.Png) =>
        Make(ink => EmbeddingFigure.Draw(EmbeddingMap.Of(result, labels), ink), format);

    /// <summary>Validation photos among the word vectors after every epoch of stage 2: an animated GIF, half a second a frame; of more than 60 epochs 60 are shown, the last among them.</summary>
    /// <param name="history">What training kept.</param>
    /// <param name="labels">Vectors of the labels trained on, and others.</param>
    /// <param name="seen">The labels trained on.</param>
    public static byte[] EmbeddingEpochs(EmbeddingHistory history, LabelSpace labels, IReadOnlyList<string> seen) => Animation(EmbeddingMap.Of(history, labels, seen));

    internal static byte[] Animation(EmbeddingMap map)
    {
        var frames = new SKBitmap[map.Frames.Count];
        try
        {
            Parallel.For(0, frames.Length, i => frames[i] = EmbeddingFigure.Frame(map, i, Ink.Light).Bitmap(density: 1));
            return AnimatedGif.Of(frames, [.. frames.Select((_, i) => i == frames.Length - 1 ? 250 : 50)]);
        }
        finally
        {
            foreach (var frame in frames) frame?.Dispose();
        }
    }

    internal static byte[] Make(Func<Ink, Sheet> draw, FigureFormat format) => format switch
    {
        FigureFormat.Png => draw(Ink.Light).Png(),
        FigureFormat.DarkPng => draw(Ink.Dark).Png(),
        FigureFormat.Svg => draw(Ink.Light).Svg(),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "expected Png, DarkPng or Svg"),
    };
}

/// <summary>Kinds of files that figures are made as.</summary>
public enum FigureFormat
{
    /// <summary>PNG on white, two pixels a unit.</summary>
    Png,

    /// <summary>PNG on dark paper.</summary>
    DarkPng,

    /// <summary>SVG on white, text as outlines.</summary>
    Svg,
}
