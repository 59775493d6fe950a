using SkiaSharp;

namespace MLNet.Devise.Audio;

/// <summary>A sound as an opaque grey picture.</summary>
internal static class SpectrogramPicture
{
    /// <summary>BGRA, options' size a side, for the caller to dispose.</summary>
    public static SKBitmap Of(Sound sound, SpectrogramOptions options)
    {
        var grey = new Spectrogram(options, sound.Rate).Of(sound.Samples);
        var bitmap = new SKBitmap(new SKImageInfo(options.Size, options.Size, SKColorType.Bgra8888, SKAlphaType.Opaque));
        bitmap.Pixels = [.. grey.Select(value => new SKColor(value, value, value))];
        return bitmap;
    }

    /// <summary>The same as PNG.</summary>
    public static void Write(Sound sound, SpectrogramOptions options, Stream png)
    {
        using var bitmap = Of(sound, options);
        using var pixels = bitmap.PeekPixels();
        using var data = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 6));
        data.SaveTo(png);
    }
}
