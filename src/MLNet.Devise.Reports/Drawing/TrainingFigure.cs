using MLNet.Devise.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>How training went: a column a stage, the loss above, the accuracy below; epochs with a frozen backbone are shaded.</summary>
internal static class TrainingFigure
{
    public static byte[] Png(IReadOnlyList<EpochRecord> history)
    {
        var stages = history.GroupBy(e => e.Stage).OrderBy(stage => stage.Key).Select(stage => stage.OrderBy(e => e.Epoch).ToArray()).ToArray();
        return Sheet.Png([[.. stages.Select(Loss)], [.. stages.Select(Accuracy)]], 520 * stages.Length, 600);
    }

    private static PlotModel Loss(EpochRecord[] epochs)
    {
        var (name, unit) = epochs[0].Stage == 1 ? ("Stage 1: naming the seen classes", "loss (cross entropy)") : ("Stage 2: reaching the word vectors", "loss");
        // A run that diverged has losses that are no numbers; the rest is drawn.
        var top = 1.1 * epochs.SelectMany(e => (double[])[e.TrainLoss, e.ValidLoss]).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        var plot = Plot(name, epochs, unit, top);
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendBackground = OxyColor.FromAColor(220, OxyColors.White), LegendBorderThickness = 0 });
        plot.Series.Add(Line("training images", Ink.Seen, LineStyle.Solid, MarkerType.Circle, epochs.Select(e => e.TrainLoss)));
        plot.Series.Add(Line("validation images", Ink.Border, LineStyle.Dash, MarkerType.Triangle, epochs.Select(e => e.ValidLoss)));
        return plot;
    }

    private static PlotModel Accuracy(EpochRecord[] epochs)
    {
        var plot = Plot("Validation images whose first answer is right", epochs, "top-1 accuracy", 1);
        (plot.Axes[1].MajorStep, plot.Axes[1].LabelFormatter) = (0.2, Ink.Percent);
        plot.Series.Add(Line("validation images", Ink.Border, LineStyle.Dash, MarkerType.Triangle, epochs.Select(e => e.ValidTop1)));
        return plot;
    }

    private static PlotModel Plot(string title, EpochRecord[] epochs, string unit, double top)
    {
        var plot = Ink.Plot(title);
        plot.PlotMargins = new(72, double.NaN, double.NaN, double.NaN);
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "epoch", Minimum = 0.5, Maximum = epochs.Length + 0.5, MajorStep = Math.Ceiling(epochs.Length / 12.0), MinorTickSize = 0, StringFormat = "0" });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = unit, Minimum = 0, Maximum = top, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Ink.Grid, MinorTickSize = 0 });
        for (var first = 0; first < epochs.Length;)
        {
            var count = epochs.Skip(first).TakeWhile(e => e.Phase == epochs[first].Phase).Count();
            plot.Annotations.Add(new RectangleAnnotation
            {
                MinimumX = first + 0.5, MaximumX = first + count + 0.5, Layer = AnnotationLayer.BelowAxes, Fill = epochs[first].Phase == "frozen" ? Ink.Shade : OxyColors.Transparent,
                Stroke = Ink.Grid, StrokeThickness = 1, Text = $"{epochs[first].Phase} backbone", FontSize = 11, TextPosition = new DataPoint(first + count / 2.0 + 0.5, 0.06 * top),
            });
            first += count;
        }
        return plot;
    }

    private static LineSeries Line(string title, OxyColor color, LineStyle style, MarkerType marker, IEnumerable<double> values)
    {
        var line = new LineSeries { Title = title, Color = color, LineStyle = style, StrokeThickness = 2, MarkerType = marker, MarkerSize = 4, MarkerFill = color };
        line.Points.AddRange(values.Select((value, i) => new DataPoint(i + 1, value)));
        return line;
    }
}
