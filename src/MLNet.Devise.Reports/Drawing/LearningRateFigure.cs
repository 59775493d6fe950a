using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>The LR finder's curve.</summary>
internal static class LearningRateFigure
{
    public static Sheet Draw(IReadOnlyList<(double Rate, double Loss)> points, double? suggestion, Ink ink)
    {
        var plot = ink.Plot("Loss while the learning rate rises", "A good peak rate lies where the loss falls fastest, well before it turns up.");
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "learning rate", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = ink.Grid, LabelFormatter = rate => rate.ToString("0e+0", CultureInfo.InvariantCulture) });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "loss, smoothed", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = ink.Grid, MinorTickSize = 0 });
        var line = new LineSeries { Color = ink.Seen, StrokeThickness = 2 };
        line.Points.AddRange(points.Select(point => new DataPoint(point.Rate, point.Loss)));
        plot.Series.Add(line);
        if (suggestion is { } rate)
        {
            plot.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Vertical, X = rate, Color = ink.Border, LineStyle = LineStyle.Dash, StrokeThickness = 2 });
            // Below the curve, which has fallen where the suggestion lies, and to the left, where it is still high.
            plot.Annotations.Add(new TextAnnotation { TextPosition = new(rate, points.Min(point => point.Loss)), Text = string.Create(CultureInfo.InvariantCulture, $"suggested: {rate:0.0e+0} "), TextColor = ink.Border, StrokeThickness = 0, TextHorizontalAlignment = HorizontalAlignment.Right, TextVerticalAlignment = VerticalAlignment.Bottom });
        }
        return new(plot, 760, 440);
    }
}
