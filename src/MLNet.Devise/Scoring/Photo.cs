using MLNet.Devise.Scoring.Jpeg;
using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>
/// Decodes image files: first frame, EXIF orientation applied, transparency laid on white. Training and scoring both come through
/// here. Nothing is allocated before the header's size has been checked.
/// </summary>
internal static class Photo
{
    /// <summary>100 megapixels: 400 MB decoded. Beyond it a file is refused from its header.</summary>
    public const long MaxPixels = 100_000_000;

    /// <summary>The most that may be allowed instead: 2 GB, whose bytes an int still counts.</summary>
    public const long MostPixels = 500_000_000;

    /// <summary>A decoded BGRA bitmap for the caller to dispose, or <see langword="null"/> with a status and a reason.</summary>
    public static SKBitmap? TryDecode(string path, out ImageStatus status, out string error) => TryDecode(path, PhotoRules.Default, out _, out status, out error);

    /// <summary>The same by other rules; <paramref name="whole"/> says what photo the bitmap shows.</summary>
    public static SKBitmap? TryDecode(string path, PhotoRules rules, out WholePhoto whole, out ImageStatus status, out string error)
    {
        whole = default;
        try
        {
            using var bytes = PhotoBytes.TryRead(path, out status, out error);
            return bytes is null ? null : TryDecode(bytes.Span, rules, out whole, out status, out error);
        }
        catch (OutOfMemoryException) { return NoMemory(out status, out error); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Fail(ImageStatus.Missing, $"cannot be opened: {e.Message}", out status, out error);
        }
    }

    /// <summary>The same for a file's bytes.</summary>
    public static unsafe SKBitmap? TryDecode(ReadOnlySpan<byte> bytes, PhotoRules rules, out WholePhoto whole, out ImageStatus status, out string error)
    {
        whole = default;
        if (bytes.IsEmpty) return Fail(ImageStatus.Corrupt, "the file is empty", out status, out error);
        fixed (byte* first = bytes)
        {
            using var data = SKData.Create((nint)first, bytes.Length);
            using var stream = new SKMemoryStream(data);
            using var codec = SKCodec.Create(stream, out var created);
            if (codec is null)
                return created == SKCodecResult.Unimplemented || !LooksLikeImage(bytes)
                    ? Fail(ImageStatus.Unsupported, "not an image format that can be read (JPEG, PNG, WebP, GIF, BMP)", out status, out error)
                    : Fail(ImageStatus.Corrupt, "its header is damaged", out status, out error);
            var info = codec.Info;
            if ((long)info.Width * info.Height > rules.MaxPixels)
                return Fail(ImageStatus.TooLarge, $"{info.Width}×{info.Height} pixels, at most {rules.MaxPixels / 1e6:0.######} megapixels", out status, out error);
            return Decode(codec, bytes, rules, out whole, out status, out error);
        }
    }

    private static SKBitmap? Decode(SKCodec codec, ReadOnlySpan<byte> bytes, PhotoRules rules, out WholePhoto whole, out ImageStatus status, out string error)
    {
        var info = codec.Info;
        var eighths = codec.EncodedFormat == SKEncodedImageFormat.Jpeg && rules.Reduction is { } reduction ? reduction.Eighths(info.Width, info.Height) : 8;
        var size = eighths == 8 ? new SKSizeI(info.Width, info.Height) : codec.GetScaledDimensions(eighths / 8f);
        var turned = (int)codec.EncodedOrigin >= 5;
        whole = new(turned ? info.Height : info.Width, turned ? info.Width : info.Height, eighths / 8.0);

        var bitmap = TryAllocate(new SKImageInfo(size.Width, size.Height, SKColorType.Bgra8888, info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul));
        if (bitmap is null) return NoMemory(out status, out error);
        var baseline = codec.EncodedFormat == SKEncodedImageFormat.Jpeg && BaselineJpeg.TryDecode(bytes, bitmap);
        var result = baseline ? SKCodecResult.Success : codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
        {
            bitmap.Dispose();
            return result is SKCodecResult.Unimplemented or SKCodecResult.InvalidConversion
                ? Fail(ImageStatus.Unsupported, "a variant of the format that cannot be read", out status, out error)
                : Fail(ImageStatus.Corrupt, result == SKCodecResult.IncompleteInput ? "the file is cut short" : $"its data is damaged ({result})", out status, out error);
        }
        return Upright(bitmap, codec.EncodedOrigin, rules.Background, out status, out error);
    }

    /// <summary>A bitmap to fill, for the caller to dispose; <see langword="null"/> where there is not enough memory for it.</summary>
    public static SKBitmap? TryAllocate(SKImageInfo info)
    {
        var bitmap = new SKBitmap();
        if (PixelMemory.TryGive(bitmap, info)) return bitmap;
        bitmap.Dispose();
        return null;
    }

    /// <summary>The status of an image for which <see cref="TryAllocate"/> had no memory.</summary>
    public static SKBitmap? NoMemory(out ImageStatus status, out string error) => Fail(ImageStatus.TooLarge, "not enough memory for it", out status, out error);

    /// <summary>Turns and mirrors as EXIF says, and lays transparent pixels on the background; hands the same bitmap back where nothing is to do, else disposes it.</summary>
    public static SKBitmap? Upright(SKBitmap bitmap, SKEncodedOrigin origin, SKColor background, out ImageStatus status, out string error)
    {
        (status, error) = (ImageStatus.Ok, "");
        if (origin is SKEncodedOrigin.TopLeft or 0 && bitmap.AlphaType == SKAlphaType.Opaque) return bitmap;
        using (bitmap)
        {
            var turned = (int)origin >= 5;
            var (width, height) = turned ? (bitmap.Height, bitmap.Width) : (bitmap.Width, bitmap.Height);
            var upright = TryAllocate(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
            if (upright is null) return NoMemory(out status, out error);
            using var canvas = new SKCanvas(upright);
            canvas.Clear(background);
            canvas.SetMatrix(Placement(origin, width, height));
            canvas.DrawBitmap(bitmap, 0, 0);
            return upright;
        }
    }

    /// <summary>Where a stored pixel belongs (EXIF 2.3, tag 0x0112).</summary>
    private static SKMatrix Placement(SKEncodedOrigin origin, int width, int height) => origin switch
    {
        SKEncodedOrigin.TopRight => new(-1, 0, width, 0, 1, 0, 0, 0, 1),
        SKEncodedOrigin.BottomRight => new(-1, 0, width, 0, -1, height, 0, 0, 1),
        SKEncodedOrigin.BottomLeft => new(1, 0, 0, 0, -1, height, 0, 0, 1),
        SKEncodedOrigin.LeftTop => new(0, 1, 0, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightTop => new(0, -1, width, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightBottom => new(0, -1, width, -1, 0, height, 0, 0, 1),
        SKEncodedOrigin.LeftBottom => new(0, 1, 0, -1, 0, height, 0, 0, 1),
        _ => SKMatrix.Identity,
    };

    /// <summary>Whether the first bytes are those of a format we read, so that damage can be told from a foreign format.</summary>
    private static bool LooksLikeImage(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) || bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47])
        || bytes.StartsWith("GIF8"u8) || bytes.StartsWith("BM"u8) || (bytes.StartsWith("RIFF"u8) && bytes.Length > 12 && bytes[8..].StartsWith("WEBP"u8));

    private static SKBitmap? Fail(ImageStatus why, string reason, out ImageStatus status, out string error)
    {
        (status, error) = (why, reason);
        return null;
    }
}
