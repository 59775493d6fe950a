using MLNet.Devise.Evaluation;
using SkiaSharp;

namespace MLNet.Devise.Reports.Pages;

/// <summary>Heat laid over a photo: the photo in grey, and over it colours that grow lighter with the heat, so that they can be told without seeing hues.</summary>
internal static class HeatOverlay
{
    // Dark violet to light yellow, each step lighter than the one before.
    private static readonly SKColor[] Steps = [new(0x1B, 0x0C, 0x41), new(0x78, 0x1C, 0x6D), new(0xED, 0x69, 0x25), new(0xFC, 0xFF, 0xA4)];

    /// <summary>An opaque bitmap of the same size, for the caller to dispose.</summary>
    /// <param name="square">The centre square of the photo, as the network sees it.</param>
    /// <param name="heat">Over the same square.</param>
    public static SKBitmap Of(SKBitmap square, HeatMap heat)
    {
        var strengths = heat.Resized(square.Width, square.Height);
        var pixels = square.Pixels;
        for (var i = 0; i < pixels.Length; i++)
        {
            var (grey, strength) = (0.2126f * pixels[i].Red + 0.7152f * pixels[i].Green + 0.0722f * pixels[i].Blue, strengths[i]);
            var (colour, cover) = (Ramp(strength), 0.25f + 0.45f * strength);
            pixels[i] = new(Mix(grey, colour.Red, cover), Mix(grey, colour.Green, cover), Mix(grey, colour.Blue, cover));
        }
        return new SKBitmap(new SKImageInfo(square.Width, square.Height, SKColorType.Bgra8888, SKAlphaType.Opaque)) { Pixels = pixels };
    }

    private static SKColor Ramp(float strength)
    {
        var position = strength * (Steps.Length - 1);
        var first = Math.Min((int)position, Steps.Length - 2);
        var (a, b, share) = (Steps[first], Steps[first + 1], position - first);
        return new(Mix(a.Red, b.Red, share), Mix(a.Green, b.Green, share), Mix(a.Blue, b.Blue, share));
    }

    private static byte Mix(float from, float to, float share) => (byte)Math.Clamp(MathF.Round(float.Lerp(from, to, share)), 0, 255);
}
