using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>How image files are decoded, where it is not as training does it.</summary>
internal sealed record PhotoRules
{
    /// <summary>100 megapixels, on white, every pixel.</summary>
    public static PhotoRules Default { get; } = new();

    /// <summary>Photos of more pixels are refused from their header.</summary>
    public long MaxPixels { get; init; } = Photo.MaxPixels;

    /// <summary>What transparent pixels are laid on.</summary>
    public SKColor Background { get; init; } = SKColors.White;

    /// <summary>Which photos are decoded smaller than they are; <see langword="null"/>: none.</summary>
    public Reduction? Reduction { get; init; }
}
