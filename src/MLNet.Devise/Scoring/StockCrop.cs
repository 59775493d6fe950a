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
    /// <param name="source">The picture.</param>
    /// <param name="size">Side of the square, pixels.</param>
    /// <param name="whole">The photo, where the picture is a reduced one of it: then near to the stock square, not equal.</param>
    public static SKBitmap Of(SKBitmap source, int size, WholePhoto? whole = null)
    {
        var (width, height, reduction) = whole ?? WholePhoto.Of(source);
        var scale = Math.Max((float)size / width, (float)size / height);
        var wide = (float)size / height >= (float)size / width;
        var left = wide ? (int)((size - width * scale) / 2) : 0;
        var top = wide ? 0 : (int)((size - height * scale) / 2);
        var (scaledWidth, scaledHeight) = ((int)(width * scale), (int)(height * scale));
        // A reduced bitmap may end on a part of a pixel; its whole pixels reach beyond the photo by the rest.
        var (right, bottom) = reduction == 1
            ? (left + scaledWidth, top + scaledHeight)
            : (left + (float)(scaledWidth * source.Width / (width * reduction)), top + (float)(scaledHeight * source.Height / (height * reduction)));

        var square = new SKBitmap(size, size, isOpaque: true);
        var place = new SKRect(left, top, right, bottom);
        var interpolates = reduction < 1 || Interpolates(width, scaledWidth) && Interpolates(height, scaledHeight);
        if (interpolates && Interpolation.TryDraw(source, square, place)) return square;
        using var canvas = new SKCanvas(square);
        using var paint = Paint(interpolates);
        canvas.DrawBitmap(source, new SKRect(0, 0, source.Width, source.Height), place, paint);
        return square;
    }

    /// <summary>Between half and whole size Skia goes by the whole picture, below that by halved ones.</summary>
    private static bool Interpolates(int whole, int scaled) => scaled < whole && 2 * scaled > whole;

    /// <summary>
    /// Above half size, Skia's high quality builds a pyramid of halved pictures and then uses none of them. Low quality computes the
    /// same pixels without one, provided that it runs through the same pipeline; a blend mode other than the usual one sees to that,
    /// and over black lightening changes nothing.
    /// </summary>
    private static SKPaint Paint(bool interpolates) => interpolates
        ? new SKPaint { FilterQuality = SKFilterQuality.Low, BlendMode = SKBlendMode.Lighten }
        : new SKPaint { FilterQuality = SKFilterQuality.High };
}
