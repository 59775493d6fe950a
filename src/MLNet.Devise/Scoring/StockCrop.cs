using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>
/// The model's view of a picture: scaled so that its short side fits, centre square cut out. Pixel for pixel what ML.NET's stock
/// <c>ResizeImages</c> with <c>IsoCrop</c> makes (same Skia filter, same rounding), so that a chain of stock transformers, saved and
/// loaded anywhere, sees what training validated on.
/// </summary>
internal static class StockCrop
{
    /// <summary>An opaque BGRA square of <paramref name="size"/> pixels for the caller to dispose.</summary>
    public static SKBitmap Of(SKBitmap source, int size)
    {
        var scale = Math.Max((float)size / source.Width, (float)size / source.Height);
        var wide = (float)size / source.Height >= (float)size / source.Width;
        var left = wide ? (int)((size - source.Width * scale) / 2) : 0;
        var top = wide ? 0 : (int)((size - source.Height * scale) / 2);
        var (width, height) = ((int)(source.Width * scale), (int)(source.Height * scale));

        var square = new SKBitmap(size, size, isOpaque: true);
        using var canvas = new SKCanvas(square);
        using var paint = new SKPaint { FilterQuality = SKFilterQuality.High };
        canvas.DrawBitmap(source, new SKRect(0, 0, source.Width, source.Height), new SKRect(left, top, left + width, top + height), paint);
        return square;
    }
}
