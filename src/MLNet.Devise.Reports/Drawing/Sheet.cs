using OxyPlot;
using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Rows of plots on one sheet, all of the same size.</summary>
/// <param name="Rows">The plots.</param>
/// <param name="Width">Of the sheet, units: CSS pixels.</param>
/// <param name="Height">Of the sheet.</param>
internal sealed record Sheet(IReadOnlyList<IReadOnlyList<PlotModel>> Rows, int Width, int Height)
{
    private const int Density = 2;
    // Browsers draw no picture whose side is longer than 32,767 pixels, and one of 40 million takes 160 MB.
    private const double LongestSide = 16_000;
    private const double MostPixels = 40e6;

    /// <summary>A sheet of one plot.</summary>
    public Sheet(PlotModel plot, int width, int height) : this([[plot]], width, height) { }

    /// <summary>PNG at two pixels a unit, so that it stays sharp on dense screens; at fewer where it would become too large.</summary>
    public byte[] Png()
    {
        using var bitmap = Bitmap(Math.Min(Density, Math.Min(LongestSide / Math.Max(Width, Height), Math.Sqrt(MostPixels / Width / Height))));
        using var pixels = bitmap.PeekPixels();
        using var encoded = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.NoFilters, zLibLevel: 6));
        return encoded.ToArray();
    }

    /// <summary>SVG whose text is outlines, so that it looks the same without our font.</summary>
    public byte[] Svg()
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(Width, Height), stream)) Render(canvas, outlines: true);
        return stream.ToArray();
    }

    /// <summary>The pixels, for the caller to dispose.</summary>
    /// <param name="density">Pixels a unit.</param>
    public SKBitmap Bitmap(double density)
    {
        var bitmap = new SKBitmap((int)Math.Round(Width * density), (int)Math.Round(Height * density), SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Scale((float)density);
        Render(canvas, outlines: false);
        return bitmap;
    }

    private void Render(SKCanvas canvas, bool outlines)
    {
        var paper = Rows[0][0].Background;
        using (var fill = new SKPaint { Color = new(paper.R, paper.G, paper.B) }) canvas.DrawRect(0, 0, Width, Height, fill);
        using var context = new TextContext { SkCanvas = canvas, RenderTarget = RenderTarget.VectorGraphic, Outlines = outlines };
        for (var row = 0; row < Rows.Count; row++)
        {
            for (var column = 0; column < Rows[row].Count; column++)
            {
                var (width, height) = ((double)Width / Rows[row].Count, (double)Height / Rows.Count);
                IPlotModel plot = Rows[row][column];
                foreach (var axis in Rows[row][column].Axes) axis.TicklineColor = axis.MinorTicklineColor = axis.ExtraGridlineColor = Rows[row][column].PlotAreaBorderColor;
                plot.Update(true);
                plot.Render(context, new OxyRect(column * width, row * height, width, height));
            }
        }
        canvas.Flush();
    }
}
