using System.Globalization;
using MLNet.Devise.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>The seen–unseen curve (Chao et al. 2016): what every handicap γ of the seen names would give, with those that were used.</summary>
internal static class SeenUnseenFigure
{
    public static Sheet Draw(GeneralizedMetrics metrics, Ink ink)
    {
        var plot = ink.Plot("Telling seen and unseen classes when all names compete",
            string.Create(CultureInfo.InvariantCulture, $"Each point of the curve is one handicap γ for seen names. Area under it: {metrics.AreaUnderCurve:0.000}.\nThin lines: equal harmonic mean."));
        plot.Axes.Add(Axis(AxisPosition.Bottom, "unseen classes: top-1, mean over classes", ink));
        plot.Axes.Add(Axis(AxisPosition.Left, "seen classes: top-1, mean over classes", ink));
        plot.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Vertical, LegendBorderThickness = 0 });
        for (var harmonic = 0.1; harmonic < 0.95; harmonic += 0.1) Equal(plot, harmonic, ink);
        var curve = new LineSeries { Color = ink.Seen, StrokeThickness = 2.5, Title = "all γ" };
        curve.Points.AddRange(metrics.Curve.Select(point => new DataPoint(point.Unseen, point.Seen)));
        plot.Series.Add(curve);
        Mark(plot, new(0, metrics.Unseen, metrics.Seen, metrics.Harmonic), "no handicap", MarkerType.Square, ink.Text, ink);
        if (metrics.Calibrated is { } calibrated) Mark(plot, calibrated, "used here; the model's own was chosen without these photos", MarkerType.Circle, ink.Border, ink);
        Mark(plot, metrics.Best, "best for these photos, known only afterwards", MarkerType.Diamond, ink.Unseen, ink);
        return new(plot, 620, 680);
    }

    private static void Mark(PlotModel plot, CalibratedMetrics at, string what, MarkerType shape, OxyColor color, Ink ink)
    {
        var point = new ScatterSeries
        {
            MarkerType = shape, MarkerSize = 7, MarkerFill = color, MarkerStroke = ink.Paper, MarkerStrokeThickness = 1.5,
            Title = string.Create(CultureInfo.InvariantCulture, $"γ {at.Gamma:0.00}, harmonic mean {Ink.Percent(at.Harmonic)}: {what}"),
        };
        point.Points.Add(new(at.Unseen, at.Seen));
        plot.Series.Add(point);
    }

    /// <summary>h = 2us / (u + s), so s = hu / (2u − h) where u is above h / 2.</summary>
    private static void Equal(PlotModel plot, double harmonic, Ink ink)
    {
        var line = new LineSeries { Color = ink.Grid, StrokeThickness = 1 };
        // Steps grow, for the line is steep at first.
        for (var unseen = harmonic / (2 - harmonic); unseen <= 1.0001; unseen += 0.1 * (unseen - 0.499 * harmonic)) line.Points.Add(new(unseen, harmonic * unseen / (2 * unseen - harmonic)));
        plot.Series.Add(line);
        plot.Annotations.Add(new TextAnnotation
        {
            Text = Ink.Percent(harmonic), FontSize = 9.5, TextColor = ink.Frame, Stroke = OxyColors.Transparent, Background = ink.Paper, Layer = AnnotationLayer.BelowSeries,
            TextPosition = new(harmonic, harmonic), TextHorizontalAlignment = HorizontalAlignment.Center, TextVerticalAlignment = VerticalAlignment.Middle,
        });
    }

    private static LinearAxis Axis(AxisPosition position, string title, Ink ink) => new()
    {
        Position = position, Minimum = -0.015, Maximum = 1.015, MajorStep = 0.2, LabelFormatter = Ink.Percent, MinorTickSize = 0, Title = title,
    };
}
