using System.Buffers.Binary;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Tests.Scoring;

public sealed class PhotoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Every_EXIF_orientation_comes_out_upright(int orientation)
    {
        using var upright = Pictures.Draw(48, 32, seed: 9);
        using var stored = AsStored(upright, orientation);
        using var decoded = Decode(WithOrientation(Pictures.Save(_folder["a.jpg"], stored), orientation));
        Assert.Equal((upright.Width, upright.Height), (decoded.Width, decoded.Height));
        Assert.True(MeanDifference(upright, decoded) < 6, $"mean difference {MeanDifference(upright, decoded):F1}");
    }

    [Fact]
    public void Transparent_pixels_become_white_and_half_transparent_ones_lighter()
    {
        using var drawn = new SKBitmap(new SKImageInfo(3, 1, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        drawn.SetPixel(0, 0, new SKColor(200, 10, 20, 255));
        drawn.SetPixel(1, 0, new SKColor(200, 10, 20, 0));
        drawn.SetPixel(2, 0, new SKColor(0, 0, 0, 128));
        using var decoded = Decode(Pictures.Save(_folder["a.png"], drawn));
        Assert.Equal(SKAlphaType.Opaque, decoded.AlphaType);
        Assert.Equal(new SKColor(200, 10, 20), decoded.GetPixel(0, 0));
        Assert.Equal(SKColors.White, decoded.GetPixel(1, 0));
        Assert.InRange(decoded.GetPixel(2, 0).Red, 126, 128);
    }

    [Fact]
    public void A_missing_file_a_folder_and_an_empty_file_have_their_statuses()
    {
        AssertFails(_folder["nothing.jpg"], ImageStatus.Missing, "no such file");
        AssertFails(_folder.Path, ImageStatus.Missing, "a folder, expected a file");
        AssertFails(_folder.Write("empty.jpg", ""), ImageStatus.Corrupt, "empty");
    }

    [Fact]
    public void Truncated_and_damaged_files_are_corrupt_wherever_they_are_cut()
    {
        foreach (var name in (string[])["a.jpg", "a.png"])
        {
            var whole = File.ReadAllBytes(Pictures.Save(_folder[name], 64, 64));
            for (var length = 4; length < whole.Length - 16; length += 37)
            {
                File.WriteAllBytes(_folder["cut"], whole[..length]);
                using var decoded = Photo.TryDecode(_folder["cut"], out var status, out _);
                Assert.True(status == ImageStatus.Corrupt, $"{name} cut to {length} of {whole.Length} bytes: {status}");
            }
        }
    }

    [Fact]
    public void Text_and_foreign_formats_are_unsupported_whatever_their_name()
    {
        AssertFails(_folder.Write("a.jpg", "this is not an image"), ImageStatus.Unsupported, "not an image format");
        AssertFails(_folder.Write("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"), ImageStatus.Unsupported, "not an image format");
    }

    [Fact]
    public void More_pixels_than_the_limit_are_refused_from_the_header()
    {
        // The header of a BMP: 20,000 × 6,000 pixels that are not there.
        var header = new byte[54];
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), 20_000);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), 6_000);
        (header[26], header[28]) = (1, 24);
        File.WriteAllBytes(_folder["a.bmp"], header);
        AssertFails(_folder["a.bmp"], ImageStatus.TooLarge, "20000×6000 pixels, at most 100 megapixels");
    }

    [Fact]
    public void Pixels_that_no_memory_can_hold_are_too_many_whatever_is_allowed()
    {
        var info = new SKImageInfo(1_000_000, 1_000_000, SKColorType.Bgra8888, SKAlphaType.Opaque);
        Assert.Null(Photo.TryAllocate(info.WithSize(600_000_000, 1)));
        using (var there = Photo.TryAllocate(info)) Assert.SkipWhen(there is not null, "this system promises four terabytes");
        var png = File.ReadAllBytes(Pictures.Save(_folder["a.png"], 8, 8));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), info.Width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), info.Height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), System.IO.Hashing.Crc32.HashToUInt32(png.AsSpan(12, 17)));
        Assert.Null(Photo.TryDecode(png, new() { MaxPixels = long.MaxValue }, out _, out var status, out var error));
        Assert.Equal((ImageStatus.TooLarge, "not enough memory for it"), (status, error));
    }

    [Fact]
    public void A_huge_file_is_refused_before_it_is_read()
    {
        using (var stream = File.Create(_folder["huge.jpg"])) stream.SetLength(6L << 30);
        Assert.Null(Photo.TryDecode(_folder["huge.jpg"], out var status, out var error));
        Assert.Equal((ImageStatus.TooLarge, "6144 MB, at most 256 MB"), (status, error));
    }

    [Fact]
    public void A_pipe_is_refused_without_waiting_for_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/mkfifo"), "mkfifo is not here");
        System.Diagnostics.Process.Start("/usr/bin/mkfifo", [_folder["pipe.jpg"]])!.WaitForExit();
        Assert.Null(Photo.TryDecode(_folder["pipe.jpg"], out var status, out _));
        Assert.Equal(ImageStatus.Corrupt, status);
    }

    public void Dispose() => _folder.Dispose();

    private static SKBitmap Decode(string path)
    {
        var decoded = Photo.TryDecode(path, out var status, out var error);
        Assert.Equal((ImageStatus.Ok, ""), (status, error));
        return decoded!;
    }

    private static void AssertFails(string path, ImageStatus expected, string reason)
    {
        using var decoded = Photo.TryDecode(path, out var status, out var error);
        Assert.Null(decoded);
        Assert.Equal(expected, status);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    /// <summary>The picture as a camera would store it for a viewer to put right (EXIF 2.3, figure of tag 0x0112), pixel by pixel.</summary>
    private static SKBitmap AsStored(SKBitmap upright, int orientation)
    {
        var (w, h) = (upright.Width, upright.Height);
        var stored = orientation >= 5 ? new SKBitmap(h, w) : new SKBitmap(w, h);
        for (var y = 0; y < h; y++)
            for (var x = 0; x < w; x++)
            {
                var (sx, sy) = orientation switch
                {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, w - 1 - x),
                    7 => (h - 1 - y, w - 1 - x),
                    8 => (h - 1 - y, x),
                    _ => (x, y),
                };
                stored.SetPixel(sx, sy, upright.GetPixel(x, y));
            }
        return stored;
    }

    /// <summary>Puts an EXIF block with nothing but the orientation behind a JPEG's first marker.</summary>
    private static string WithOrientation(string path, int orientation)
    {
        var jpeg = File.ReadAllBytes(path);
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0,
        ];
        File.WriteAllBytes(path, [.. jpeg[..2], .. exif, .. jpeg[2..]]);
        return path;
    }

    private static double MeanDifference(SKBitmap a, SKBitmap b)
    {
        var sum = 0.0;
        for (var y = 0; y < a.Height; y++)
            for (var x = 0; x < a.Width; x++)
            {
                var (p, q) = (a.GetPixel(x, y), b.GetPixel(x, y));
                sum += Math.Abs(p.Red - q.Red) + Math.Abs(p.Green - q.Green) + Math.Abs(p.Blue - q.Blue);
            }
        return sum / (3.0 * a.Width * a.Height);
    }
}
