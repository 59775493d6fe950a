using MLNet.Devise.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>The confusion matrix: a square a pair of classes, as dark as the share of the row's images that the column got.</summary>
internal static class ConfusionFigure
{
    // The title above the matrix, the colour key beside it.
    private const int Title = 70;
    private const int Key = 110;

    /// <param name="matrix">Which class is taken for which.</param>
    /// <param name="ink">Colours.</param>
    /// <param name="sorted">Whether like classes stand side by side.</param>
    public static Sheet Draw(ConfusionMatrix matrix, Ink ink, bool sorted)
    {
        var classes = matrix.Labels.Count;
        // Rows so far apart that names do not touch; beyond some 180 classes every second name goes, and so on.
        var pitch = Math.Clamp(1100.0 / classes, 6, 26);
        var fontSize = Math.Clamp(pitch * 0.8, 8, 13);
        var names = TextContext.Width([.. Names(matrix)], fontSize) + 20;
        var (matrixSide, least) = (pitch * classes, 440);
        return new(Plot(matrix, fontSize, ink, sorted), (int)Math.Max(names + matrixSide + Key, least), (int)Math.Max(Title + matrixSide + names, least - Key + Title));
    }

    private static PlotModel Plot(ConfusionMatrix matrix, double fontSize, Ink ink, bool sorted)
    {
        var unseen = matrix.SeenCount < matrix.Labels.Count;
        var plot = ink.Plot("Which class is taken for which",
            "Rows: what the photo shows. Columns: what the model says." + (sorted ? " Like names stand together." : "") + (unseen ? "\nBeyond the orange lines, marked *: classes never trained on." : ""));
        plot.Axes.Add(Classes(matrix, AxisPosition.Left, fontSize));
        plot.Axes.Add(Classes(matrix, AxisPosition.Bottom, fontSize));
        plot.Axes.Add(new LinearColorAxis
        {
            Position = AxisPosition.Right, Palette = ink.Shares, InvalidNumberColor = OxyColors.Undefined, Minimum = 0, Maximum = 1, MajorStep = 0.2, LabelFormatter = Ink.Percent,
            Title = "share of the row's photos", TitleFontSize = 12, AxisDistance = 12,
        });
        plot.Series.Add(new HeatMapSeries
        {
            X0 = 0, X1 = matrix.Labels.Count - 1, Y0 = 0, Y1 = matrix.Labels.Count - 1,
            Data = Shares(matrix), Interpolate = false, RenderMethod = HeatMapRenderMethod.Rectangles,
        });
        // Faint lines lead the eye from a square to its names.
        for (var i = 1; i < matrix.Labels.Count; i++) Cross(plot, i, OxyColor.FromAColor(40, OxyColors.Gray), 0.5);
        if (unseen) Cross(plot, matrix.SeenCount, ink.Border, 2);
        return plot;
    }

    /// <summary>A line above the row and left of the column of a class.</summary>
    private static void Cross(PlotModel plot, int label, OxyColor color, double thickness)
    {
        foreach (var type in (LineAnnotationType[])[LineAnnotationType.Vertical, LineAnnotationType.Horizontal])
            plot.Annotations.Add(new LineAnnotation { Type = type, X = label - 0.5, Y = label - 0.5, Color = color, StrokeThickness = thickness, LineStyle = LineStyle.Solid });
    }

    private static CategoryAxis Classes(ConfusionMatrix matrix, AxisPosition position, double fontSize)
    {
        var rows = position == AxisPosition.Left;
        var axis = new CategoryAxis
        {
            Position = position, FontSize = fontSize, Angle = rows ? 0 : -90, GapWidth = 0, IsTickCentered = true, TickStyle = TickStyle.None,
            // Rows read from the top down.
            StartPosition = rows ? 1 : 0, EndPosition = rows ? 0 : 1,
            MajorGridlineStyle = LineStyle.None, MajorStep = Math.Ceiling(matrix.Labels.Count / 180.0),
        };
        axis.Labels.AddRange(Names(matrix));
        return axis;
    }

    private static IEnumerable<string> Names(ConfusionMatrix matrix) => matrix.Labels.Select((name, i) => Ink.Name(name) + (i < matrix.SeenCount ? "" : " *"));

    private static double[,] Shares(ConfusionMatrix matrix)
    {
        var shares = new double[matrix.Labels.Count, matrix.Labels.Count];
        for (var truth = 0; truth < matrix.Labels.Count; truth++)
        {
            var images = (double)matrix.Images(truth);
            // Nothing is drawn where there is no number; most squares of many classes are empty.
            for (var predicted = 0; predicted < matrix.Labels.Count; predicted++)
                shares[predicted, truth] = matrix.Count(truth, predicted) is > 0 and var count ? count / images : double.NaN;
        }
        return shares;
    }
}
