using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>The LR finder's curve.</summary>
internal static class LearningRateFigure
{
    public static byte[] Png(IReadOnlyList<(double Rate, double Loss)> points, double? suggestion)
    {
        var plot = Ink.Plot("Loss while the learning rate rises", "A good peak rate lies where the loss falls fastest, well before it turns up.");
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "learning rate", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Ink.Grid, LabelFormatter = rate => rate.ToString("0e+0", CultureInfo.InvariantCulture) });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "loss, smoothed", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Ink.Grid, MinorTickSize = 0 });
        var line = new LineSeries { Color = Ink.Seen, StrokeThickness = 2 };
        line.Points.AddRange(points.Select(point => new DataPoint(point.Rate, point.Loss)));
        plot.Series.Add(line);
        if (suggestion is { } rate)
        {
            plot.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Vertical, X = rate, Color = Ink.Border, LineStyle = LineStyle.Dash, StrokeThickness = 2 });
            // Below the curve, which has fallen where the suggestion lies, and to the left, where it is still high.
            plot.Annotations.Add(new TextAnnotation { TextPosition = new(rate, points.Min(point => point.Loss)), Text = string.Create(CultureInfo.InvariantCulture, $"suggested: {rate:0.0e+0} "), TextColor = Ink.Border, StrokeThickness = 0, TextHorizontalAlignment = HorizontalAlignment.Right, TextVerticalAlignment = VerticalAlignment.Bottom });
        }
        return Sheet.Png(plot, 760, 440);
    }
}
