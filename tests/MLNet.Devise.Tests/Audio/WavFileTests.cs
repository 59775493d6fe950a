using System.Buffers.Binary;
using MLNet.Devise.Audio;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Audio;

public sealed class WavFileTests
{
    private static readonly double[] Wave = [0, 0.5, -0.5, 0.25, -1, 0.75];

    public static TheoryData<ushort, int, int, double> Formats => new()
    {
        { 1, 8, 1, 0.01 }, { 1, 16, 1, 1e-4 }, { 1, 24, 2, 1e-6 }, { 1, 32, 1, 1e-7 }, { 3, 32, 2, 1e-7 }, { 3, 64, 1, 1e-7 }, { 0xFFFE, 16, 2, 1e-4 },
    };

    [Theory, MemberData(nameof(Formats))]
    public void Every_format_gives_the_same_samples(ushort kind, int bits, int channels, double within)
    {
        var sound = WavFile.TryRead(new MemoryStream(Bytes(kind, bits, channels)), 1, out var status, out var error);
        Assert.Equal((ImageStatus.Ok, ""), (status, error));
        Assert.Equal(8000, sound!.Rate);
        Assert.Equal(Wave.Length, sound.Samples.Length);
        for (var i = 0; i < Wave.Length; i++) Assert.Equal(Wave[i], sound.Samples[i], within);
    }

    [Fact]
    public void What_is_written_is_read_and_no_more_than_asked_for()
    {
        using var stream = new MemoryStream();
        WavFile.Write(stream, new(16_000, [.. Enumerable.Range(0, 16_000).Select(i => MathF.Sin(i))]));
        Assert.Equal(16_000, WavFile.TryRead(new MemoryStream(stream.ToArray()), 2, out _, out _)!.Samples.Length);
        var half = WavFile.TryRead(new MemoryStream(stream.ToArray()), 0.5, out _, out _)!;
        Assert.Equal(8000, half.Samples.Length);
        Assert.Equal(MathF.Sin(7), half.Samples[7], 1e-4f);
    }

    [Theory]
    [InlineData(uint.MaxValue), InlineData(0x7FFF_F000u), InlineData(0x7FFF_EFFFu)] // a frame of 3 bytes fits 715,826,517 times
    public void A_length_that_nobody_knew_is_that_of_the_file(uint length)
    {
        var bytes = Bytes(1, 24, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), length);
        Assert.Equal(Wave.Length, WavFile.TryRead(new MemoryStream(bytes), 1, out var status, out _)?.Samples.Length);
        Assert.Equal(ImageStatus.Ok, status);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), 0x7FFF_EFFD);
        Assert.Null(WavFile.TryRead(new MemoryStream(bytes), 1, out status, out _));
        Assert.Equal(ImageStatus.Corrupt, status);
    }

    [Fact]
    public void Of_an_hour_long_file_only_the_beginning_is_read()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder["long.wav"]))
        {
            WavFile.Write(file, new(48_000, [0.25f, -0.5f]));
            file.Position = 40;
            file.Write(BitConverter.GetBytes(345_600_000));
            file.SetLength(44 + 345_600_000);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sound = WavFile.TryRead(folder["long.wav"], 0.5, out var status, out var error);
        Assert.Equal((ImageStatus.Ok, ""), (status, error));
        Assert.Equal(24_000, sound!.Samples.Length);
        Assert.Equal([0.25f, -0.5f, 0], sound.Samples[..3]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 1 << 20);
    }

    [Fact]
    public void What_is_no_file_of_sound_is_told_apart()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["empty.wav"], "");
        ImageStatus Status(string path, string reason)
        {
            Assert.Null(WavFile.TryRead(path, 1, out var status, out var error));
            Assert.Contains(reason, error, StringComparison.Ordinal);
            return status;
        }
        Assert.Equal(ImageStatus.Corrupt, Status(folder["empty.wav"], "the file is empty"));
        Assert.Equal(ImageStatus.Missing, Status(folder["none.wav"], "no such file"));
        Assert.Equal(ImageStatus.Missing, Status(folder.Path, "a folder"));
    }

    [Theory]
    [InlineData(22, 9, ImageStatus.Unsupported, "9 channels, expected 1 to 8")]
    [InlineData(24, 10, ImageStatus.Unsupported, "10 samples a second, expected 1000 to 384000")]
    [InlineData(34, 12, ImageStatus.Unsupported, "format 1 of 12 bits, expected PCM")]
    [InlineData(20, 85, ImageStatus.Unsupported, "format 85 of 16 bits")]
    [InlineData(32, 7, ImageStatus.Unsupported, "7 bytes a frame, expected 2")]
    [InlineData(40, 1_000_000, ImageStatus.Corrupt, "byte 36: chunk 'data' of 1000000 bytes, but only 12 follow")]
    [InlineData(40, 0, ImageStatus.Corrupt, "no sound in it")]
    [InlineData(12, 0x20202020, ImageStatus.Corrupt, "sound data before its format")]
    [InlineData(0, 0x46464641, ImageStatus.Unsupported, "not a WAV file")]
    public void A_damaged_or_foreign_file_has_a_reason(int at, int value, ImageStatus expected, string reason)
    {
        var bytes = Bytes(1, 16, 1);
        if (at is 22 or 34 or 20 or 32) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);
        else BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        Assert.Null(WavFile.TryRead(new MemoryStream(bytes), 1, out var status, out var error));
        Assert.Equal(expected, status);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_cut_and_no_flipped_byte_breaks_the_reader()
    {
        var bytes = Bytes(0xFFFE, 24, 2);
        for (var length = 0; length < bytes.Length; length++) Check(bytes[..length]);
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var changed = bytes.ToArray();
            changed[random.Next(60)] = (byte)random.Next(256);
            Check(changed);
        }

        static void Check(byte[] file)
        {
            var sound = WavFile.TryRead(new MemoryStream(file), 1, out var status, out var error);
            Assert.Equal(sound is not null, status == ImageStatus.Ok);
            Assert.Equal(sound is not null, error.Length == 0);
            Assert.All(sound?.Samples ?? [], value => Assert.InRange(value, -1, 1));
        }
    }

    /// <summary>The wave with all channels alike, at 8000 Hz.</summary>
    private static byte[] Bytes(ushort kind, int bits, int channels)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        var (extensible, align) = (kind == 0xFFFE, channels * bits / 8);
        writer.Write("RIFF"u8);
        writer.Write(0);
        writer.Write("WAVEfmt "u8);
        writer.Write(extensible ? 40 : 16);
        writer.Write(kind);
        writer.Write((ushort)channels);
        writer.Write(8000);
        writer.Write(8000 * align);
        writer.Write((ushort)align);
        writer.Write((ushort)bits);
        if (extensible)
        {
            writer.Write((ushort)22);
            writer.Write((ushort)bits);
            writer.Write(0);
            writer.Write((ushort)1);
            writer.Write(new byte[14]);
        }
        writer.Write("data"u8);
        writer.Write(Wave.Length * align);
        foreach (var value in Wave)
            for (var channel = 0; channel < channels; channel++)
                writer.Write(Encode(kind, bits, value));
        return stream.ToArray();
    }

    private static byte[] Encode(ushort kind, int bits, double value) => (kind, bits) switch
    {
        (3, 32) => BitConverter.GetBytes((float)value),
        (3, 64) => BitConverter.GetBytes(value),
        (_, 8) => [(byte)Math.Clamp(Math.Round(128 + 128 * value), 0, 255)],
        _ => BitConverter.GetBytes((long)Math.Clamp(Math.Round(value * Math.Pow(2, bits - 1)), -Math.Pow(2, bits - 1), Math.Pow(2, bits - 1) - 1))[..(bits / 8)],
    };
}
