using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Scoring.Jpeg;
using SkiaSharp;

namespace MLNet.Devise.Tests.Scoring.Jpeg;

/// <summary>The JPEG decoder beside Skia's: the same pixels, or left to it.</summary>
public sealed class BaselineJpegTests
{
    private static readonly int[] Sides = [16, 17, 23, 31, 32, 33, 48, 61, 100];

    public BaselineJpegTests() => Assert.SkipUnless(Avx2.IsSupported, "no AVX2: Skia decodes everything");

    [Theory]
    [InlineData(1, 1), InlineData(2, 1), InlineData(2, 2)]
    public void Pixels_are_those_of_Skia_for_every_layout(int across, int down)
    {
        var random = new Random(across * 10 + down);
        foreach (var width in Sides)
            foreach (var height in Sides)
            {
                var quantization = random.Next(1, 30);
                Same(new CodedJpeg(width, height)
                {
                    Sampling = (across, down),
                    RestartInterval = random.Next(3) == 0 ? random.Next(1, 20) : 0,
                    LongCodes = random.Next(4) == 0,
                    Quantization = (byte)quantization,
                    Block = _ => Coefficients(random, random.Next(0, 64), quantization),
                }.Bytes());
            }
    }

    [Fact]
    public void Pixels_of_grey_are_those_of_Skia()
    {
        var random = new Random(3);
        foreach (var sampling in ((int, int)[])[(1, 1), (2, 2)])
            foreach (var side in Sides)
                Same(new CodedJpeg(side, 41) { Grey = true, Sampling = sampling, Block = _ => Coefficients(random, random.Next(0, 64), 1) }.Bytes());
    }

    [Fact]
    public void Blocks_without_detail_have_every_value_that_Skia_gives_them()
    {
        var next = -1024;
        Same(new CodedJpeg(1024, 128) { Grey = true, Block = _ => [(short)next++, .. new short[63]] }.Bytes());
        Assert.Equal(1024, next);
    }

    [Theory]
    [InlineData(SKJpegEncoderDownsample.Downsample420), InlineData(SKJpegEncoderDownsample.Downsample422), InlineData(SKJpegEncoderDownsample.Downsample444)]
    public void Pictures_as_Skia_writes_them_are_read_as_Skia_reads_them(SKJpegEncoderDownsample colour)
    {
        foreach (var (width, height, quality) in ((int, int, int)[])[(400, 300, 90), (301, 203, 75), (97, 333, 100), (512, 512, 30)])
        {
            using var bitmap = Drawn(width, height);
            using var pixels = bitmap.PeekPixels();
            using var jpeg = pixels.Encode(new SKJpegEncoderOptions(quality, colour, SKJpegEncoderAlphaOption.Ignore));
            Same(jpeg.ToArray());
        }
    }

    [Theory]
    [InlineData(SKJpegEncoderDownsample.Downsample420, 2.0), InlineData(SKJpegEncoderDownsample.Downsample444, 0.8)]
    public void A_half_a_quarter_and_an_eighth_are_means_of_the_whole(SKJpegEncoderDownsample colour, double tolerance)
    {
        foreach (var (width, height) in ((int, int)[])[(160, 96), (401, 333), (97, 130), (23, 500)])
        {
            using var bitmap = Drawn(width, height);
            using var pixels = bitmap.PeekPixels();
            using var jpeg = pixels.Encode(new SKJpegEncoderOptions(95, colour, SKJpegEncoderAlphaOption.Ignore));
            using var whole = BySkia(jpeg.ToArray());
            for (var factor = 2; factor <= 8; factor *= 2)
            {
                using var reduced = new SKBitmap(new SKImageInfo((width + factor - 1) / factor, (height + factor - 1) / factor, SKColorType.Bgra8888, SKAlphaType.Opaque));
                Assert.True(BaselineJpeg.TryDecode(jpeg.AsSpan(), reduced));
                var off = new List<double>();
                for (var y = 0; y < height / factor; y++)
                    for (var x = 0; x < width / factor; x++)
                    {
                        var (mean, found) = (Mean(whole!, x * factor, y * factor, factor), reduced.GetPixel(x, y));
                        off.Add((Math.Abs(mean.Red - found.Red) + Math.Abs(mean.Green - found.Green) + Math.Abs(mean.Blue - found.Blue)) / 3.0);
                    }
                Assert.InRange(off.Average(), 0, tolerance);
            }
        }
    }

    [Fact]
    public void Other_sizes_and_half_sizes_of_colour_halved_one_way_are_left_to_Skia()
    {
        var random = new Random(5);
        var file = new CodedJpeg(64, 48) { Sampling = (2, 1), Block = _ => Coefficients(random, 5, 1) }.Bytes();
        foreach (var (width, height) in ((int, int)[])[(32, 24), (63, 48), (64, 47), (32, 48), (128, 96), (4, 3)])
        {
            using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
            Assert.False(BaselineJpeg.TryDecode(file, bitmap), $"{width}×{height}");
        }
    }

    /// <summary>What a header may say that is not for this decoder; each is sound but for one change.</summary>
    [Fact]
    public void Unusual_headers_are_left_to_Skia()
    {
        var random = new Random(6);
        byte[] sound = new CodedJpeg(32, 32) { Block = _ => Coefficients(random, 5, 1) }.Bytes();
        var (frame, tables, scan) = (Find(sound, 0xC0), Find(sound, 0xC4), Find(sound, 0xDA));
        byte[] Changed(int at, byte value) => [.. sound[..at], value, .. sound[(at + 1)..]];
        byte[] Adobe(byte transform) => [.. sound[..2], 0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform, .. sound[2..]];
        Assert.True(Taken(sound));
        Assert.True(Taken(Adobe(1)));
        foreach (var (why, file) in new (string, byte[])[]
        {
            ("Adobe's RGB", Adobe(0)), ("progressive", Changed(frame + 1, 0xC2)), ("extended", Changed(frame + 1, 0xC1)), ("twelve bits", Changed(frame + 4, 12)),
            ("other components", Changed(frame + 10, 82)), ("half the rows alone", Changed(frame + 11, 0x12)), ("a factor of 4", Changed(frame + 11, 0x41)),
            ("colour finer than luminance", Changed(frame + 14, 0x22)), ("two frames", [.. sound[..frame], .. sound[frame..tables], .. sound[frame..]]),
            ("quantisers of 16 bits", Changed(Find(sound, 0xDB) + 4, 0x10)), ("a first coefficient of 12 bits", Changed(tables + 21, 12)),
            ("a code of ones alone", [.. sound[..tables], 0xFF, 0xC4, 0, 21, 0x10, 2, .. new byte[15], 0, 0, .. sound[scan..]]),
            ("part of the coefficients", Changed(scan + 11, 1)), ("fill bytes", [.. sound[..frame], 0xFF, .. sound[frame..]]),
            ("cut by one byte", sound[..^1]), ("no end", sound[..^2]), ("a restart out of place", [.. sound[..^20], 0xFF, 0xD0, .. sound[^20..]]),
        }) Assert.False(Taken(file), why);

        static int Find(byte[] file, byte marker) => file.AsSpan().IndexOf([(byte)0xFF, marker]);
        static bool Taken(byte[] file)
        {
            using var bitmap = new SKBitmap(new SKImageInfo(32, 32, SKColorType.Bgra8888, SKAlphaType.Opaque));
            return BaselineJpeg.TryDecode(file, bitmap);
        }
    }

    [Fact]
    public void Damaged_files_are_left_to_Skia_unless_it_reads_them_too()
    {
        var random = new Random(11);
        var (whole, taken, same) = (new List<byte[]>(), 0, 0);
        foreach (var sampling in ((int, int)[])[(1, 1), (2, 1), (2, 2)])
            whole.Add(new CodedJpeg(48, 40) { Sampling = sampling, RestartInterval = sampling == (2, 1) ? 3 : 0, Block = _ => Coefficients(random, random.Next(0, 20), 1) }.Bytes());
        for (var i = 0; i < 3000; i++)
        {
            var file = whole[i % whole.Count].ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--) file[random.Next(2, file.Length)] = (byte)random.Next(256);
            if (random.Next(5) == 0) file = file[..random.Next(4, file.Length)];
            using var expected = BySkia(file);
            using var actual = new SKBitmap(expected?.Info ?? new SKImageInfo(48, 40, SKColorType.Bgra8888, SKAlphaType.Opaque));
            if (!BaselineJpeg.TryDecode(file, actual)) continue;
            taken++;
            Assert.True(expected is not null, $"file {i} was read, and is not by Skia");
            if (expected.GetPixelSpan().SequenceEqual(actual.GetPixelSpan())) same++;
        }
        Assert.InRange(taken, 100, 2900);
        // Damage makes values that overflow, each decoder in its own way.
        Assert.InRange(same, taken * 3 / 4, taken - 1);
    }

    [Fact]
    public void Photos_are_decoded_as_by_Skia()
    {
        var folder = TestData.Require("photos-full");
        var taken = 0;
        var files = Directory.GetFiles(folder);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            using var expected = BySkia(bytes);
            using var actual = new SKBitmap(expected!.Info);
            if (!BaselineJpeg.TryDecode(bytes, actual)) continue;
            taken++;
            Assert.True(expected.GetPixelSpan().SequenceEqual(actual.GetPixelSpan()), file);
        }
        Assert.InRange(taken, files.Length * 9 / 10, files.Length);
    }

    private static void Same(byte[] file)
    {
        using var expected = BySkia(file);
        using var actual = new SKBitmap(expected!.Info);
        Assert.True(BaselineJpeg.TryDecode(file, actual));
        ReadOnlySpan<byte> left = expected.GetPixelSpan(), right = actual.GetPixelSpan();
        var at = left.CommonPrefixLength(right);
        Assert.True(at == left.Length, $"{actual.Width}×{actual.Height}: byte {at % 4} of pixel {at / 4 % actual.Width}, {at / 4 / actual.Width}: {right[Math.Min(at, right.Length - 1)]}, expected {left[Math.Min(at, left.Length - 1)]}");
    }

    private static SKBitmap? BySkia(byte[] file)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        if (codec is null) return null;
        var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) == SKCodecResult.Success) return bitmap;
        bitmap.Dispose();
        return null;
    }

    private static SKColor Mean(SKBitmap bitmap, int left, int top, int side)
    {
        var (red, green, blue, half) = (0, 0, 0, side * side / 2);
        for (var y = top; y < top + side; y++)
            for (var x = left; x < left + side; x++)
            {
                var pixel = bitmap.GetPixel(x, y);
                (red, green, blue) = (red + pixel.Red, green + pixel.Green, blue + pixel.Blue);
            }
        return new((byte)((red + half) / (side * side)), (byte)((green + half) / (side * side)), (byte)((blue + half) / (side * side)));
    }

    /// <summary>At most as many as given, no larger than leaves samples within twice their range, beyond which decoders differ.</summary>
    private static short[] Coefficients(Random random, int count, int quantization)
    {
        var (block, most) = (new short[64], Math.Min(1500 / quantization / (count + 1), 1000));
        block[0] = (short)random.Next(-most, most + 1);
        for (var i = 0; i < count; i++) block[random.Next(1, 64)] = (short)random.Next(-most, most + 1);
        return block;
    }

    private static SKBitmap Drawn(int width, int height)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var shader = SKShader.CreatePerlinNoiseFractalNoise(0.05f, 0.09f, 4, 2);
        using var paint = new SKPaint { Shader = shader };
        canvas.Clear(SKColors.SaddleBrown);
        canvas.DrawPaint(paint);
        paint.Shader = null;
        paint.Color = SKColors.Teal;
        canvas.DrawCircle(width / 3f, height / 2f, height / 4f, paint);
        return bitmap;
    }
}
