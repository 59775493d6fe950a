using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>How a picture is scaled down to the square that the network sees.</summary>
public enum ImageScaling
{
    /// <summary>
    /// Pixel for pixel as ML.NET's own <c>ResizeImages</c> (IsoCrop). A saved chain then gives the same scores in any process that has
    /// ML.NET's packages, without this library.
    /// </summary>
    Stock,

    /// <summary>
    /// Bilinear with a filter as wide as the scale, as Pillow and torchvision do it. Truer for photos much larger than the network's
    /// square; a chain saved for stock ML.NET can then only come near.
    /// </summary>
    Antialiased,
}

internal static class ImageScalings
{
    /// <summary>The centre square of a picture, opaque BGRA, <paramref name="size"/> pixels a side, for the caller to dispose.</summary>
    public static SKBitmap Square(this ImageScaling scaling, SKBitmap source, int size, WholePhoto? whole = null) => scaling switch
    {
        ImageScaling.Stock => StockCrop.Of(source, size, whole),
        ImageScaling.Antialiased => AntialiasedCrop.Of(source, size, whole: whole),
        _ => throw new ArgumentOutOfRangeException(nameof(scaling), scaling, "expected Stock or Antialiased"),
    };
}
