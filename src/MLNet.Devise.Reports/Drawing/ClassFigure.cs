using MLNet.Devise.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>A bar a class: how often its images' best label is right, seen classes above unseen ones, best first in each.</summary>
internal static class ClassFigure
{
    private const int Pitch = 17;

    public static Sheet Draw(EvaluationResult result, Ink ink)
    {
        ClassResult[] Group(bool seen) => [.. result.Classes.Where(c => c.IsSeen == seen).OrderByDescending(c => c.Top1).ThenBy(c => c.Label, StringComparer.Ordinal)];
        var (seen, unseen) = (Group(true), Group(false));
        // An empty line between the two groups.
        string[] names = [.. seen.Select(Name), .. unseen.Take(1).Select(_ => ""), .. unseen.Select(Name)];
        var plot = Plot(names, ink);
        Bars(plot, seen, 0, result.Report.Seen.Labels, ink.Seen, "Seen classes (trained on)", ink);
        if (unseen.Length > 0) Bars(plot, unseen, seen.Length + 1, result.Report.ZeroShot!.UnseenLabels.Labels, ink.Unseen, "* Unseen classes (never trained on)", ink);
        return new(plot, 860, 175 + Pitch * names.Length);
    }

    private static PlotModel Plot(string[] labels, Ink ink)
    {
        var plot = ink.Plot("How often the first answer is right", "Among seen names for seen classes, among unseen names for unseen ones (*).\nDashed: chance. In brackets: number of images.");
        plot.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal, LegendBorderThickness = 0 });
        var names = new CategoryAxis { Position = AxisPosition.Left, GapWidth = 0.3, StartPosition = 1, EndPosition = 0, TickStyle = TickStyle.None, FontSize = 11.5 };
        names.Labels.AddRange(labels);
        plot.Axes.Add(names);
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom, Minimum = 0, Maximum = 1.08, MajorStep = 0.2, LabelFormatter = Ink.Percent, MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = ink.Grid, MinorTickSize = 0, Title = "images whose first answer is right",
        });
        return plot;
    }

    private static string Name(ClassResult c) => $"{Ink.Name(c.Label)}{(c.IsSeen ? "" : " *")} ({c.Images})";

    private static void Bars(PlotModel plot, ClassResult[] group, int first, int competing, OxyColor color, string title, Ink ink)
    {
        // Stacking puts both groups' bars on the same line of a class; otherwise each would leave room for the other.
        var bars = new BarSeries { Title = title, FillColor = color, IsStacked = true };
        plot.Series.Add(bars);
        for (var i = 0; i < group.Length; i++)
        {
            bars.Items.Add(new BarItem(group[i].Top1, first + i));
            plot.Annotations.Add(new TextAnnotation
            {
                Text = Ink.Percent(group[i].Top1), TextPosition = new DataPoint(group[i].Top1 + 0.005, first + i), Stroke = OxyColors.Transparent, FontSize = 10.5,
                TextHorizontalAlignment = HorizontalAlignment.Left, TextVerticalAlignment = VerticalAlignment.Middle,
            });
        }
        plot.Annotations.Add(new LineAnnotation
        {
            Type = LineAnnotationType.Vertical, X = 1.0 / competing, MinimumY = first - 0.5, MaximumY = first + group.Length - 0.5,
            Color = ink.Text, LineStyle = LineStyle.Dash, StrokeThickness = 1.5,
        });
    }
}
