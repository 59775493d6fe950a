using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>The photo that a bitmap shows, where the bitmap was decoded smaller than the photo is.</summary>
/// <param name="Width">The photo's width, pixels, upright.</param>
/// <param name="Height">The photo's height.</param>
/// <param name="Reduction">Bitmap pixels a photo pixel, 1/8 to 1. The last row and column may stand for less than a whole pixel.</param>
internal readonly record struct WholePhoto(int Width, int Height, double Reduction)
{
    /// <summary>A bitmap decoded at its own size.</summary>
    public static WholePhoto Of(SKBitmap bitmap) => new(bitmap.Width, bitmap.Height, 1);
}
