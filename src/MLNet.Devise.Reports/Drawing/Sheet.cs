using OxyPlot;
using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Draws plots on one white sheet and encodes it as PNG, at two pixels a unit so that it stays sharp on dense screens.</summary>
internal static class Sheet
{
    private const int Density = 2;

    /// <summary>One plot.</summary>
    public static byte[] Png(PlotModel plot, int width, int height) => Png([[plot]], width, height);

    /// <summary>Rows of plots, all of the same size.</summary>
    public static byte[] Png(IReadOnlyList<IReadOnlyList<PlotModel>> rows, int width, int height)
    {
        using var bitmap = new SKBitmap(width * Density, height * Density, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        canvas.Scale(Density);
        using var context = new TextContext { SkCanvas = canvas, RenderTarget = RenderTarget.VectorGraphic };
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                var (cellWidth, cellHeight) = ((double)width / rows[row].Count, (double)height / rows.Count);
                IPlotModel plot = rows[row][column];
                plot.Update(true);
                plot.Render(context, new OxyRect(column * cellWidth, row * cellHeight, cellWidth, cellHeight));
            }
        }
        canvas.Flush();
        using var pixels = bitmap.PeekPixels();
        using var encoded = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.NoFilters, zLibLevel: 6));
        return encoded.ToArray();
    }
}
