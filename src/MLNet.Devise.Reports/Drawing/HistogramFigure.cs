using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>How many images each class has: a bar a class, most first, divided by what the images are for.</summary>
internal static class HistogramFigure
{
    private const int Pitch = 17;

    public static Sheet Draw(IReadOnlyList<ClassImages> classes, Ink ink)
    {
        ClassImages[] Group(bool seen) => [.. classes.Where(c => c.IsSeen == seen).OrderByDescending(c => c.Total).ThenBy(c => c.Label, StringComparer.Ordinal)];
        var (seen, unseen) = (Group(true), Group(false));
        // An empty line between the two groups.
        ClassImages?[] lines = [.. seen, .. unseen.Take(1).Select(_ => (ClassImages?)null), .. unseen];

        var plot = ink.Plot("How many photos each class has", unseen.Length > 0 ? "* classes never trained on" : null);
        plot.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal, LegendBorderThickness = 0 });
        var names = new CategoryAxis { Position = AxisPosition.Left, GapWidth = 0.3, StartPosition = 1, EndPosition = 0, TickStyle = TickStyle.None, FontSize = 11.5 };
        names.Labels.AddRange(lines.Select(c => c is null ? "" : Ink.Name(c.Label) + (c.IsSeen ? "" : " *")));
        plot.Axes.Add(names);
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom, Minimum = 0, Maximum = 1.12 * Math.Max(1, classes.Max(c => c.Total)), MinorTickSize = 0,
            MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = ink.Grid, Title = "photos (the number at a bar's end is their sum)",
        });
        Bars(plot, lines, "to train on", ink.Seen, ink, c => c.IsSeen ? c.Train : 0, _ => false);
        Bars(plot, lines, "to validate training on", ink.SeenPale, ink, c => c.IsSeen ? c.Valid : 0, c => c is { IsSeen: true, Test: 0 });
        if (seen.Any(c => c.Test > 0)) Bars(plot, lines, "to test on", ink.Text, ink, c => c.IsSeen ? c.Test : 0, c => c is { IsSeen: true, Test: > 0 });
        if (unseen.Length > 0) Bars(plot, lines, "of unseen classes, all to test on", ink.Unseen, ink, c => c.IsSeen ? 0 : c.Total, c => !c.IsSeen);
        return new(plot, 860, 150 + Pitch * lines.Length);
    }

    private static void Bars(PlotModel plot, ClassImages?[] lines, string title, OxyColor color, Ink ink, Func<ClassImages, int> count, Func<ClassImages, bool> isLast)
    {
        var bars = new BarSeries { Title = title, FillColor = color, IsStacked = true };
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] is not { } c) continue;
            bars.Items.Add(new BarItem(count(c), i));
            if (isLast(c)) plot.Annotations.Add(Numbers.At(c.Total, i, $"{c.Total}", ink));
        }
        plot.Series.Add(bars);
    }
}
