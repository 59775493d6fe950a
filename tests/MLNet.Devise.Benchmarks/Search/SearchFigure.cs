using System.Globalization;
using MLNet.Devise.Reports.Drawing;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace MLNet.Devise.Benchmarks.Search;

/// <summary>Queries a second over recall, a plot for each number of vectors that was measured, side by side: the README's picture.</summary>
internal static class SearchFigure
{
    private const int Width = 480, Height = 340, Density = 2;
    private static readonly Dictionary<string, (string Title, OxyColor Color, MarkerType Marker)> Ways = new()
    {
        ["int8"] = ("HnswIndex, int8", Ink.Border, MarkerType.Circle),
        ["fp32"] = ("HnswIndex, fp32", Ink.Seen, MarkerType.Square),
        ["hnswlib"] = ("hnswlib 0.6.2, fp32", OxyColors.Gray, MarkerType.Triangle),
    };

    /// <param name="folder">Where <see cref="SearchCurves"/> left its points.</param>
    /// <param name="path">The PNG to write.</param>
    public static void Draw(string folder, string path)
    {
        var plots = Directory.GetFiles(folder, "curve-*.csv").Select(Read).OrderBy(curve => curve.Rows).Select(Plot).ToArray();
        using var bitmap = new SKBitmap(Width * plots.Length * Density, Height * Density, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        canvas.Scale(Density);
        using var context = new TextContext { SkCanvas = canvas, RenderTarget = RenderTarget.VectorGraphic };
        for (var i = 0; i < plots.Length; i++)
        {
            IPlotModel plot = plots[i];
            plot.Update(true);
            plot.Render(context, new OxyRect(i * Width, 0, Width, Height));
        }
        canvas.Flush();
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using var file = File.Create(path);
        encoded.SaveTo(file);
    }

    private static (int Rows, (string Way, double Recall, double Rate)[] Points) Read(string path)
    {
        var rows = int.Parse(Path.GetFileNameWithoutExtension(path)["curve-".Length..], CultureInfo.InvariantCulture);
        return (rows, [.. File.ReadLines(path).Select(line => line.Split(',')).Select(parts => (parts[0], double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture)))]);
    }

    private static PlotModel Plot((int Rows, (string Way, double Recall, double Rate)[] Points) curve)
    {
        var plot = Ink.Plot(string.Create(CultureInfo.InvariantCulture, $"{curve.Rows:N0} vectors of 300 values, one thread"));
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "recall@10", Minimum = 0.9, Maximum = 1, StringFormat = "0.00", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Ink.Grid });
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "queries a second", Minimum = 500, Maximum = 50_000, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Ink.Grid, StringFormat = "N0" });
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.LeftBottom, LegendBackground = OxyColor.FromAColor(220, OxyColors.White), LegendBorderThickness = 0 });
        foreach (var (way, (title, color, marker)) in Ways)
        {
            var line = new LineSeries { Title = title, Color = color, StrokeThickness = 2, MarkerType = marker, MarkerSize = 4, MarkerFill = color };
            line.Points.AddRange(curve.Points.Where(point => point.Way == way).Select(point => new DataPoint(point.Recall, point.Rate)));
            if (line.Points.Count > 0) plot.Series.Add(line);
        }
        return plot;
    }
}
