using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Photos as dots and labels as triangles on a plane, a class in one colour; classes beside each other differ.</summary>
internal static class EmbeddingPlot
{
    private const int Font = 10;
    // Room that titles and axes take.
    private const int Across = 60;
    private const int Down = 90;

    /// <param name="map">What lies where.</param>
    /// <param name="frame">Which of its frames.</param>
    /// <param name="title">Heading.</param>
    /// <param name="width">Of the figure, units.</param>
    /// <param name="height">Of the figure.</param>
    /// <param name="ink">Colours.</param>
    public static PlotModel Draw(EmbeddingMap map, int frame, string title, int width, int height, Ink ink)
    {
        var plot = ink.Plot(title, map.Labels.Any(label => !label.IsSeen) ? "dots: photos of seen classes, crosses: of unseen ones; triangles: word vectors (* unseen)" : "dots: photos; triangles: word vectors");
        plot.PlotType = PlotType.Cartesian;
        var (left, right, bottom, top) = map.Bounds;
        var unit = (float)Math.Max((right - left) / (width - Across), (top - bottom) / (height - Down));
        plot.Axes.Add(Axis(AxisPosition.Bottom, left, right, $"1st principal component ({Ink.Percent(map.Plane.Shares.First)} of the variance)", ink));
        plot.Axes.Add(Axis(AxisPosition.Left, bottom, top, $"2nd ({Ink.Percent(map.Plane.Shares.Second)})", ink));
        foreach (var group in Enumerable.Range(0, map.Classes.Count).GroupBy(i => map.Classes[i]).OrderBy(group => group.Key))
        {
            var (color, seen) = (ink.Classes[map.Labels[group.Key].Colour % ink.Classes.Count], map.Labels[group.Key].IsSeen);
            var dots = new ScatterSeries
            {
                MarkerType = seen ? MarkerType.Circle : MarkerType.Cross, MarkerSize = seen ? 2.4 : 2.8, MarkerFill = OxyColor.FromAColor(150, color),
                MarkerStroke = OxyColor.FromAColor(190, color), MarkerStrokeThickness = seen ? 0 : 1.3,
            };
            dots.Points.AddRange(group.Select(i => new ScatterPoint(map.Frames[frame].Points[i].X, map.Frames[frame].Points[i].Y)));
            plot.Series.Add(dots);
        }
        var places = new NamePlaces(Font, 8);
        foreach (var label in map.Labels)
        {
            var triangle = new ScatterSeries { MarkerType = MarkerType.Triangle, MarkerSize = 6, MarkerFill = ink.Classes[label.Colour % ink.Classes.Count], MarkerStroke = ink.Text, MarkerStrokeThickness = 1.2 };
            triangle.Points.Add(new(label.X, label.Y));
            plot.Series.Add(triangle);
            places.Keep(label.X / unit, -label.Y / unit);
        }
        foreach (var label in map.Labels)
        {
            var name = Ink.Name(label.Name) + (label.IsSeen ? "" : " *");
            if (places.Of(name, label.X / unit, -label.Y / unit) is { } place)
                plot.Annotations.Add(new TextAnnotation
                {
                    Text = name, FontSize = Font, TextColor = ink.Text, Stroke = OxyColors.Transparent, Background = OxyColor.FromAColor(170, ink.Paper), Padding = new(1, 0, 1, 0),
                    TextPosition = new(place.X * unit, -place.Y * unit), TextHorizontalAlignment = HorizontalAlignment.Center, TextVerticalAlignment = VerticalAlignment.Middle,
                });
        }
        return plot;
    }

    private static LinearAxis Axis(AxisPosition position, double least, double most, string title, Ink ink) => new()
    {
        Position = position, Minimum = least, Maximum = most, Title = title, MinorTickSize = 0,
        MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = ink.Grid, StringFormat = "0.##",
    };
}
