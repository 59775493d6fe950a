using MLNet.Devise.Evaluation;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Reports.Pages;

/// <summary>Square JPEGs of photos as data URIs: the centre, as the model sees it. Small photos are not blown up.</summary>
internal sealed class Thumbnails(string dataFolder)
{
    /// <summary>Side on the page.</summary>
    public const int Side = 160;

    /// <summary>Pixels a side at most, for dense screens and for looking closer.</summary>
    private const int Pixels = 256;

    private readonly Dictionary<string, string?> _made = new(StringComparer.Ordinal);

    /// <summary>A data URI, or <see langword="null"/> where the file cannot be read.</summary>
    public string? Of(string path)
    {
        if (!_made.TryGetValue(path, out var uri)) _made[path] = uri = Make(path, Pixels, 80);
        return uri;
    }

    /// <summary>The photo under heat.</summary>
    public string? Of(string path, HeatMap heat)
    {
        using var square = Square(path, Pixels, least: Side);
        if (square is null) return null;
        using var overlay = HeatOverlay.Of(square, heat);
        return Uri(overlay, 80);
    }

    /// <summary>Where the photo's file is.</summary>
    public string FileOf(string path) => Path.Combine(dataFolder, path);

    /// <summary>A JPEG of at most so many pixels a side. Safe for many threads.</summary>
    public string? Make(string path, int pixels, int quality)
    {
        using var square = Square(path, pixels, least: 1);
        return square is null ? null : Uri(square, quality);
    }

    private SKBitmap? Square(string path, int pixels, int least)
    {
        using var photo = Photo.TryDecode(FileOf(path), new PhotoRules { Reduction = new(ImageScaling.Antialiased, pixels) }, out var whole, out _, out _);
        return photo is null ? null : AntialiasedCrop.Of(photo, Math.Clamp(Math.Min(whole.Width, whole.Height), least, Math.Max(pixels, least)), whole: whole);
    }

    private static string Uri(SKBitmap square, int quality)
    {
        using var jpeg = square.Encode(SKEncodedImageFormat.Jpeg, quality);
        return $"data:image/jpeg;base64,{Convert.ToBase64String(jpeg.AsSpan())}";
    }
}
