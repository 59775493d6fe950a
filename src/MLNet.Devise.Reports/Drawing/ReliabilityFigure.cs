using System.Globalization;
using MLNet.Devise.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Reliability diagrams (Guo et al. 2017): how often answers of like confidence are right, and below how many there are.</summary>
internal static class ReliabilityFigure
{
    public static Sheet Draw(CalibrationReport report, Ink ink)
    {
        List<PlotModel> plots = [Plot("Seen classes", report.Seen, ink.Seen, ink)];
        if (report.Unseen is { } unseen) plots.Add(Plot("Unseen classes *", unseen, ink.Unseen, ink));
        return new([plots], 480 * plots.Count, 500);
    }

    private static PlotModel Plot(string title, ReliabilityCurve curve, OxyColor color, Ink ink)
    {
        var plot = ink.Plot(title, string.Create(CultureInfo.InvariantCulture, $"dashed: what was promised; expected calibration error {100 * curve.Ece:0.0} points"));
        plot.PlotMargins = new(64, double.NaN, 20, double.NaN);
        plot.Axes.Add(Axis(AxisPosition.Bottom, 0, 1, "confidence", ink));
        var accuracy = Axis(AxisPosition.Left, 0.27, 1, "answers that are right", ink);
        accuracy.Maximum = 1.03;
        plot.Axes.Add(accuracy);
        var most = curve.Bins.Max(bin => bin.Images);
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Left, Key = "photos", StartPosition = 0, EndPosition = 0.2, Minimum = 0, Maximum = 1.1 * most, MajorStep = most, MinorTickSize = 0,
            Title = "photos", IsZoomEnabled = false,
        });
        foreach (var bin in curve.Bins)
        {
            // A bar of few photos says little: it is paler.
            var strength = (byte)Math.Clamp(90 + 165.0 * bin.Images / 20, 90, 255);
            plot.Annotations.Add(Bar(bin, bin.Accuracy, accuracy.Key, OxyColor.FromAColor(strength, color), ink));
            plot.Annotations.Add(Bar(bin, bin.Images, "photos", ink.Frame, ink));
        }
        plot.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.LinearEquation, Slope = 1, Intercept = 0, MinimumX = 0, MaximumX = 1, YAxisKey = accuracy.Key, Color = ink.Border, LineStyle = LineStyle.Dash, StrokeThickness = 2 });
        var dots = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 4, MarkerFill = ink.Text, YAxisKey = accuracy.Key };
        dots.Points.AddRange(curve.Bins.Select(bin => new ScatterPoint(bin.Confidence, bin.Accuracy)));
        plot.Series.Add(dots);
        return plot;
    }

    private static RectangleAnnotation Bar(ReliabilityBin bin, double height, string axis, OxyColor color, Ink ink) => new()
    {
        MinimumX = bin.From, MaximumX = bin.To, MinimumY = 0, MaximumY = height, YAxisKey = axis, Fill = color, Stroke = ink.Paper, StrokeThickness = 1, Layer = AnnotationLayer.BelowSeries,
    };

    private static LinearAxis Axis(AxisPosition position, double start, double end, string title, Ink ink) => new()
    {
        Position = position, Key = title, StartPosition = start, EndPosition = end, Minimum = 0, Maximum = 1, MajorStep = 0.2, LabelFormatter = Ink.Percent, MinorTickSize = 0,
        MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = ink.Grid, Title = title,
    };
}
