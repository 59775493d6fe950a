using SkiaSharp;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>Draws small image files for tests.</summary>
internal static class Pictures
{
    /// <summary>Smooth seeded colours with a hard edge, so that flips, turns and shifts all show.</summary>
    public static SKBitmap Draw(int width, int height, int seed, bool transparent = false)
    {
        var random = new Random(seed);
        var (a, b, c) = (random.Next(256), random.Next(256), random.Next(256));
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, transparent ? SKAlphaType.Unpremul : SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, new SKColor(
                    (byte)((a + 255 * x / width) & 255), (byte)((b + 255 * y / height) & 255), x * 3 < width && y * 2 < height ? (byte)c : (byte)(255 - c),
                    transparent && x * 2 >= width ? (byte)0 : (byte)255));
        return bitmap;
    }

    /// <summary>Noise as networks read it: red, green, blue and 255 of each pixel.</summary>
    public static byte[] Pixels(int seed, int count)
    {
        var pixels = new byte[4 * count];
        new Random(seed).NextBytes(pixels);
        for (var i = 3; i < pixels.Length; i += 4) pixels[i] = 255;
        return pixels;
    }

    /// <summary>Saves a drawn picture; the ending chooses PNG (exact) or JPEG.</summary>
    public static string Save(string path, int width = 32, int height = 32, int seed = 1, bool transparent = false)
    {
        using var bitmap = Draw(width, height, seed, transparent);
        return Save(path, bitmap);
    }

    public static string Save(string path, SKBitmap bitmap)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var data = bitmap.Encode(path.EndsWith(".png", StringComparison.Ordinal) ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 95);
        File.WriteAllBytes(path, data.ToArray());
        return path;
    }
}
