using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>The pairs of classes that are mixed up most, a bar a pair.</summary>
internal static class ConfusedPairsFigure
{
    /// <summary>Pairs shown.</summary>
    public const int Most = 15;

    private const int Pitch = 24;

    /// <param name="pairs">At least one, most confused first.</param>
    /// <param name="ink">Colours.</param>
    public static Sheet Draw(IReadOnlyList<ConfusedPair> pairs, Ink ink)
    {
        var plot = ink.Plot("What is taken for what most often", "Among all names. In brackets: photos. cos: how alike the two word vectors are.");
        var names = new CategoryAxis { Position = AxisPosition.Left, GapWidth = 0.4, StartPosition = 1, EndPosition = 0, TickStyle = TickStyle.None };
        names.Labels.AddRange(pairs.Select(pair => $"{Ink.Name(pair.Truth)}{(pair.IsUnseen ? " *" : "")} → {Ink.Name(pair.Answer)}"));
        plot.Axes.Add(names);
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom, Minimum = 0, Maximum = Math.Max(0.5, pairs.Max(pair => pair.Share)) + 0.35, MajorStep = 0.2, LabelFormatter = share => share > 1.001 ? "" : Ink.Percent(share), MinorTickSize = 0,
            MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = ink.Grid, Title = "share of the first class's photos that get the second name",
        });
        if (pairs.Any(pair => pair.IsUnseen))
            plot.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal, LegendBorderThickness = 0 });
        foreach (var (unseen, color, title) in ((bool, OxyColor, string)[])[(false, ink.Seen, "photos of seen classes"), (true, ink.Unseen, "* photos of unseen classes")])
        {
            var bars = new BarSeries { Title = title, FillColor = color, IsStacked = true };
            for (var i = 0; i < pairs.Count; i++)
            {
                if (pairs[i].IsUnseen != unseen) continue;
                bars.Items.Add(new BarItem(pairs[i].Share, i));
                plot.Annotations.Add(Numbers.At(pairs[i].Share, i, string.Create(CultureInfo.InvariantCulture, $"{Ink.Percent(pairs[i].Share)} ({pairs[i].Count} of {pairs[i].Images}), cos {Math.Round(pairs[i].Cosine, 2) + 0.0:0.00}"), ink));
            }
            if (bars.Items.Count > 0) plot.Series.Add(bars);
        }
        return new(plot, 860, 150 + Pitch * pairs.Count);
    }
}
