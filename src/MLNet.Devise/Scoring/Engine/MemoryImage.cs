using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>ML.NET's image in memory as a bitmap of ours.</summary>
internal static class MemoryImage
{
    /// <summary>A BGRA copy; opaque where every pixel is, else with colours multiplied by alpha, as ML.NET decodes them. <see langword="null"/> where there is not enough memory for it.</summary>
    public static SKBitmap? TryConvert(MLImage image)
    {
        var bitmap = Photo.TryAllocate(new SKImageInfo(image.Width, image.Height, SKColorType.Bgra8888, IsOpaque(image.Pixels) ? SKAlphaType.Opaque : SKAlphaType.Premul));
        if (bitmap is null) return null;
        unsafe
        {
            var target = new Span<uint>((void*)bitmap.GetPixels(), image.Width * image.Height);
            MemoryMarshal.Cast<byte, uint>(image.Pixels)[..target.Length].CopyTo(target);
            if (image.PixelFormat == MLPixelFormat.Rgba32) SwapRedAndBlue(target);
        }
        return bitmap;
    }

    private static bool IsOpaque(ReadOnlySpan<byte> pixels)
    {
        var all = uint.MaxValue;
        foreach (var pixel in MemoryMarshal.Cast<byte, uint>(pixels)) all &= pixel;
        return all >> 24 == 0xFF;
    }

    private static void SwapRedAndBlue(Span<uint> pixels)
    {
        foreach (ref var pixel in pixels) pixel = (pixel & 0xFF00FF00) | (pixel & 0xFF) << 16 | (pixel >> 16 & 0xFF);
    }
}
