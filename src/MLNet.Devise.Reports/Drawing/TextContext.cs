using OxyPlot;
using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>
/// OxyPlot's Skia renderer with one change: all text is set in the font that this assembly carries. A server often has no font at
/// all, and two machines rarely have the same; so figures would lack their text or differ.
/// </summary>
internal sealed class TextContext : SkiaRenderContext, IRenderContext
{
    private static readonly SKTypeface Typeface = Load();

    /// <summary>Whether text is drawn as the outlines of its letters.</summary>
    public bool Outlines { get; init; }

    /// <summary>Width of the longest of some lines.</summary>
    public static double Width(IReadOnlyList<string> lines, double fontSize)
    {
        using var paint = Paint(fontSize, FontWeights.Normal);
        return lines.Max(line => paint.MeasureText(line));
    }

    void IRenderContext.DrawText(
        ScreenPoint p, string text, OxyColor fill, string? fontFamily, double fontSize, double fontWeight, double rotation,
        HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment, OxySize? maxSize)
    {
        if (string.IsNullOrEmpty(text) || !fill.IsVisible()) return;
        using var paint = Paint(fontSize, fontWeight);
        paint.Color = new SKColor(fill.R, fill.G, fill.B, fill.A);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var metrics = paint.FontMetrics;
        var y = -metrics.Ascent + verticalAlignment switch
        {
            VerticalAlignment.Top => 0,
            VerticalAlignment.Middle => -paint.FontSpacing * lines.Length / 2,
            _ => -paint.FontSpacing * lines.Length,
        };
        SkCanvas.Save();
        SkCanvas.Translate((float)p.X, (float)p.Y);
        SkCanvas.RotateDegrees((float)rotation);
        foreach (var line in lines)
        {
            var width = paint.MeasureText(line);
            var x = horizontalAlignment switch { HorizontalAlignment.Left => 0, HorizontalAlignment.Center => -width / 2, _ => -width };
            if (Outlines)
            {
                using var letters = paint.GetTextPath(line, x, y);
                SkCanvas.DrawPath(letters, paint);
            }
            else SkCanvas.DrawText(line, x, y, paint);
            y += paint.FontSpacing;
        }
        SkCanvas.Restore();
    }

    OxySize IRenderContext.MeasureText(string text, string? fontFamily, double fontSize, double fontWeight)
    {
        if (string.IsNullOrEmpty(text)) return OxySize.Empty;
        using var paint = Paint(fontSize, fontWeight);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        return new(lines.Max(line => paint.MeasureText(line)), paint.FontSpacing * lines.Length);
    }

    // Hinting and pixel snapping depend on the machine; without them the outlines alone decide.
    private static SKPaint Paint(double size, double weight) => new()
    {
        Typeface = Typeface,
        TextSize = (float)size,
        IsAntialias = true,
        SubpixelText = true,
        LcdRenderText = false,
        HintingLevel = SKPaintHinting.NoHinting,
        FakeBoldText = weight >= FontWeights.Bold,
    };

    private static SKTypeface Load()
    {
        using var stream = typeof(TextContext).Assembly.GetManifestResourceStream("DejaVuSans.ttf")
            ?? throw new InvalidOperationException("DejaVuSans.ttf is not in the assembly");
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException("DejaVuSans.ttf cannot be read");
    }
}
