using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Reports.Pages;

/// <summary>Small square JPEGs of photos as data URIs: the centre, as the model sees it.</summary>
internal sealed class Thumbnails(string dataFolder)
{
    /// <summary>Side in pixels.</summary>
    public const int Side = 160;

    private readonly Dictionary<string, string?> _made = new(StringComparer.Ordinal);

    /// <summary>A data URI, or <see langword="null"/> where the file cannot be read.</summary>
    public string? Of(string path)
    {
        if (!_made.TryGetValue(path, out var uri)) _made[path] = uri = Make(Path.Combine(dataFolder, path));
        return uri;
    }

    private static string? Make(string file)
    {
        using var photo = Photo.TryDecode(file, out _, out _);
        if (photo is null) return null;
        using var square = AntialiasedCrop.Of(photo, Side);
        using var jpeg = square.Encode(SKEncodedImageFormat.Jpeg, 78);
        return $"data:image/jpeg;base64,{Convert.ToBase64String(jpeg.AsSpan())}";
    }
}
