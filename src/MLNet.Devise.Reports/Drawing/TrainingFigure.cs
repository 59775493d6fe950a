using MLNet.Devise.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>How training went: a column a stage, the loss above, the accuracy below; epochs with a frozen backbone are shaded. Phases are named below, where no curve runs along the axis.</summary>
internal sealed class TrainingFigure(Ink ink)
{
    private const int Width = 520;
    private const int LeftMargin = 72;
    private const int RightMargin = 16;
    private const int PhaseFont = 11;

    public static Sheet Draw(IReadOnlyList<EpochRecord> history, Ink ink)
    {
        var (figure, stages) = (new TrainingFigure(ink), history.GroupBy(e => e.Stage).OrderBy(stage => stage.Key).Select(stage => stage.OrderBy(e => e.Epoch).ToArray()).ToArray());
        return new([[.. stages.Select(figure.Loss)], [.. stages.Select(figure.Accuracy)]], Width * stages.Length, 640);
    }

    private PlotModel Loss(EpochRecord[] epochs)
    {
        var (name, unit) = epochs[0].Stage == 1 ? ("Stage 1: naming the seen classes", "loss (cross entropy)") : ("Stage 2: reaching the word vectors", "loss");
        // A run that diverged has losses that are no numbers; the rest is drawn.
        var top = 1.1 * epochs.SelectMany(e => (double[])[e.TrainLoss, e.ValidLoss]).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        var plot = Plot(name, epochs.Any(e => e.Phase == "frozen") ? "shaded: the backbone is frozen, only the head learns" : " ", epochs, unit, top, named: false);
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendBackground = OxyColor.FromAColor(220, ink.Paper), LegendBorderThickness = 0 });
        plot.Series.Add(Line("training images", ink.Seen, LineStyle.Solid, MarkerType.Circle, epochs.Select(e => e.TrainLoss)));
        plot.Series.Add(Line("validation images", ink.Border, LineStyle.Dash, MarkerType.Triangle, epochs.Select(e => e.ValidLoss)));
        return plot;
    }

    private PlotModel Accuracy(EpochRecord[] epochs)
    {
        var plot = Plot("Validation images whose first answer is right", " ", epochs, "top-1 accuracy", 1, named: true);
        (plot.Axes[1].MajorStep, plot.Axes[1].LabelFormatter) = (0.2, Ink.Percent);
        plot.Series.Add(Line("validation images", ink.Border, LineStyle.Dash, MarkerType.Triangle, epochs.Select(e => e.ValidTop1)));
        return plot;
    }

    private PlotModel Plot(string title, string subtitle, EpochRecord[] epochs, string unit, double top, bool named)
    {
        var plot = ink.Plot(title, subtitle);
        plot.PlotMargins = new(LeftMargin, double.NaN, RightMargin, double.NaN);
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "epoch", Minimum = 0.5, Maximum = epochs.Length + 0.5, MajorStep = Math.Ceiling(epochs.Length / 12.0), MinorTickSize = 0, StringFormat = "0" });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = unit, AxisTitleDistance = 12, Minimum = 0, Maximum = top, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = ink.Grid, MinorTickSize = 0 });
        for (var first = 0; first < epochs.Length;)
        {
            var count = epochs.Skip(first).TakeWhile(e => e.Phase == epochs[first].Phase).Count();
            var phase = Phase(epochs[first].Phase, first, count, epochs.Length, top);
            if (!named) phase.Text = "";
            plot.Annotations.Add(phase);
            first += count;
        }
        return plot;
    }

    /// <summary>Epochs of one phase; named along the axis where the name fits, else upright, and not at all where even that is too wide.</summary>
    private RectangleAnnotation Phase(string name, int first, int count, int epochs, double top)
    {
        var room = (double)count / epochs * (Width - LeftMargin - RightMargin);
        var text = $"{name} backbone";
        var (fits, upright) = (TextContext.Width([text], PhaseFont) + 6 < room, room > 1.4 * PhaseFont);
        return new()
        {
            MinimumX = first + 0.5, MaximumX = first + count + 0.5, Layer = AnnotationLayer.BelowAxes, Fill = name == "frozen" ? ink.Shade : OxyColors.Transparent,
            Stroke = ink.Grid, StrokeThickness = 1, Text = fits || upright ? text : "", FontSize = PhaseFont, TextRotation = fits ? 0 : -90,
            TextPosition = new DataPoint(first + count / 2.0 + 0.5, (fits ? 0.06 : 0.03) * top), TextHorizontalAlignment = fits ? HorizontalAlignment.Center : HorizontalAlignment.Left,
        };
    }

    private static LineSeries Line(string title, OxyColor color, LineStyle style, MarkerType marker, IEnumerable<double> values)
    {
        var line = new LineSeries { Title = title, Color = color, LineStyle = style, StrokeThickness = 2, MarkerType = marker, MarkerSize = 4, MarkerFill = color };
        line.Points.AddRange(values.Select((value, i) => new DataPoint(i + 1, value)));
        return line;
    }
}
