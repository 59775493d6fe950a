using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>Image → its square: decoded, upright, on the background, scaled and cut as in training. Safe for many threads.</summary>
/// <param name="side">Side of the square, pixels.</param>
/// <param name="scaling">How the network's training scaled.</param>
/// <param name="paths">Which paths are allowed.</param>
/// <param name="rules">How files are decoded.</param>
internal sealed class SquareReader(int side, ImageScaling scaling, PathRule paths, PhotoRules rules)
{
    /// <summary>Side of the square, pixels.</summary>
    public int Side => side;

    /// <summary>Bytes of a square.</summary>
    public int Length => InterleavedPixels.Channels * side * side;

    /// <summary>Fills in <see cref="InterleavedPixels"/>; false, with a status and a reason, where there is no image to be had.</summary>
    public bool TryRead(ImageSource source, Span<byte> pixels, out ImageStatus status, out string error)
    {
        var whole = default(WholePhoto);
        using var photo = source switch
        {
            { Path: { } path } => TryOpen(path, out whole, out status, out error),
            { Bytes: { } bytes } => Photo.TryDecode(bytes.Span, rules, out whole, out status, out error),
            { Image: { } image } => TryConvert(image, out whole, out status, out error),
            _ => Fail(ImageStatus.Missing, "no image in this row", out status, out error),
        };
        if (photo is null) return false;
        using var square = scaling.Square(photo, side, whole);
        InterleavedPixels.Copy(square, pixels);
        return true;
    }

    private SKBitmap? TryOpen(string path, out WholePhoto whole, out ImageStatus status, out string error)
    {
        whole = default;
        return paths.TryResolve(path, out var file, out var reason)
            ? Photo.TryDecode(file, rules, out whole, out status, out error)
            : Fail(ImageStatus.Missing, reason, out status, out error);
    }

    private SKBitmap? TryConvert(MLImage image, out WholePhoto whole, out ImageStatus status, out string error)
    {
        whole = new(image.Width, image.Height, 1);
        if ((long)image.Width * image.Height > rules.MaxPixels)
            return Fail(ImageStatus.TooLarge, $"{image.Width}×{image.Height} pixels, at most {rules.MaxPixels / 1e6:0.######} megapixels", out status, out error);
        return MemoryImage.TryConvert(image) is { } bitmap ? Photo.Upright(bitmap, SKEncodedOrigin.TopLeft, rules.Background, out status, out error) : Photo.NoMemory(out status, out error);
    }

    private static SKBitmap? Fail(ImageStatus why, string reason, out ImageStatus status, out string error)
    {
        (status, error) = (why, reason);
        return null;
    }
}
