using System.Buffers.Binary;
using System.Text;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Audio;

/// <summary>A sound of one channel.</summary>
/// <param name="Rate">Samples a second.</param>
/// <param name="Samples">−1..1.</param>
internal sealed record Sound(int Rate, float[] Samples);

/// <summary>
/// Reads and writes WAV files (RIFF): PCM of 8, 16, 24 or 32 bits and IEEE float of 32 or 64, up to 8 channels, which are averaged.
/// Every size in the file is checked before it is believed.
/// </summary>
internal static class WavFile
{
    private const int MostChannels = 8, LeastRate = 1000, MostRate = 384_000;
    private const ushort Pcm = 1, Float = 3, Extensible = 0xFFFE;
    private const long Endless = 0x7FFF_F000;
    private const int FramesAtOnce = 4096;

    private readonly record struct Format(ushort Kind, int Channels, int Rate, int Align, int Bits);

    /// <summary>The sound's beginning, or <see langword="null"/> with a status and a reason. No more of the file is read than that.</summary>
    /// <param name="path">The file.</param>
    /// <param name="seconds">What comes later is left out.</param>
    /// <param name="status">What became of the file.</param>
    /// <param name="error">Why the status is not ok.</param>
    public static Sound? TryRead(string path, double seconds, out ImageStatus status, out string error)
    {
        try
        {
            var link = new FileInfo(path);
            // A link's own size is that of its text.
            var file = link.Exists && link.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : link;
            if (!file.Exists) return Fail(ImageStatus.Missing, Directory.Exists(path) ? "a folder, expected a file" : "no such file", out status, out error);
            // Pipes and devices say 0 as well; opening one could wait for ever.
            if (file.Length == 0) return Fail(ImageStatus.Corrupt, "the file is empty", out status, out error);
            using var stream = File.OpenRead(path);
            return TryRead(stream, seconds, out status, out error);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Fail(ImageStatus.Missing, $"cannot be opened: {e.Message}", out status, out error);
        }
    }

    /// <summary>The same for a stream that can be sought in, from its beginning.</summary>
    public static Sound? TryRead(Stream file, double seconds, out ImageStatus status, out string error)
    {
        Span<byte> head = stackalloc byte[40];
        if (file.ReadAtLeast(head[..12], 12, throwOnEndOfStream: false) < 12 || !head.StartsWith("RIFF"u8) || !head[8..].StartsWith("WAVE"u8)) return Fail(ImageStatus.Unsupported, "not a WAV file (RIFF WAVE); convert it, for instance with ffmpeg", out status, out error);
        Format? format = null;
        for (var at = 12L; at + 8 <= file.Length;)
        {
            file.Position = at;
            file.ReadExactly(head[..8]);
            var (name, left) = (Encoding.ASCII.GetString(head[..4]), file.Length - at - 8);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            // Programs that write to a pipe do not know the length: they leave the largest there is, or as many whole frames as SoX's largest holds.
            var open = name == "data" && length > Endless - (format?.Align ?? 1);
            if (length > left && !open)
                return Fail(ImageStatus.Corrupt, $"byte {at}: chunk '{name.Trim('\0')}' of {length} bytes, but only {left} follow", out status, out error);
            length = Math.Min(length, left);
            if (name == "fmt ")
            {
                var body = head[..(int)Math.Min(length, head.Length)];
                file.ReadExactly(body);
                if (ReadFormat(body, out var found, out var why)) format = found;
                else return Fail(body.Length < 16 ? ImageStatus.Corrupt : ImageStatus.Unsupported, why, out status, out error);
            }
            else if (name == "data")
            {
                if (format is not { } known) return Fail(ImageStatus.Corrupt, "sound data before its format (chunk 'fmt ')", out status, out error);
                if (length < known.Align) return Fail(ImageStatus.Corrupt, "no sound in it", out status, out error);
                (status, error) = (ImageStatus.Ok, "");
                return Decode(file, length, known, seconds);
            }
            at += 8 + length + (length & 1);
        }
        return Fail(ImageStatus.Corrupt, "no sound in it (chunk 'data')", out status, out error);
    }

    /// <summary>Writes a sound as PCM of 16 bits.</summary>
    public static void Write(Stream stream, Sound sound)
    {
        using var writer = new BinaryWriter(stream, Encoding.ASCII, leaveOpen: true);
        var bytes = 2 * sound.Samples.Length;
        writer.Write("RIFF"u8);
        writer.Write(36 + bytes);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write(Pcm);
        writer.Write((ushort)1);
        writer.Write(sound.Rate);
        writer.Write(2 * sound.Rate);
        writer.Write((ushort)2);
        writer.Write((ushort)16);
        writer.Write("data"u8);
        writer.Write(bytes);
        foreach (var sample in sound.Samples) writer.Write(Pcm16(sample));
    }

    /// <summary>A sample as PCM of 16 bits.</summary>
    public static short Pcm16(float sample) => (short)Math.Clamp(MathF.Round(32768 * sample), short.MinValue, short.MaxValue);

    private static bool ReadFormat(ReadOnlySpan<byte> fmt, out Format format, out string why)
    {
        (format, why) = (default, "");
        if (fmt.Length < 16)
        {
            why = $"chunk 'fmt ' of {fmt.Length} bytes, expected at least 16";
            return false;
        }
        ushort Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
        // An extensible format names its kind in the first bytes of a GUID.
        var kind = Word(fmt, 0) == Extensible && fmt.Length >= 26 ? Word(fmt, 24) : Word(fmt, 0);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(fmt[4..]);
        format = new(kind, Word(fmt, 2), (int)Math.Min(rate, int.MaxValue), Word(fmt, 12), Word(fmt, 14));
        if ((format.Kind, format.Bits) is not ((Pcm, 8 or 16 or 24 or 32) or (Float, 32 or 64))) why = $"format {format.Kind} of {format.Bits} bits, expected PCM of 8, 16, 24 or 32 bits or float of 32 or 64";
        else if (format.Channels is < 1 or > MostChannels) why = $"{format.Channels} channels, expected 1 to {MostChannels}";
        else if (format.Rate is < LeastRate or > MostRate) why = $"{rate} samples a second, expected {LeastRate} to {MostRate}";
        else if (format.Align != format.Channels * format.Bits / 8) why = $"{format.Align} bytes a frame, expected {format.Channels * format.Bits / 8}";
        return why.Length == 0;
    }

    private static Sound Decode(Stream data, long length, Format format, double seconds)
    {
        var samples = new float[(int)Math.Min(length / format.Align, Math.Ceiling(seconds * format.Rate))];
        var (width, frames) = (format.Bits / 8, new byte[Math.Min(samples.Length, FramesAtOnce) * format.Align]);
        for (var i = 0; i < samples.Length; i++)
        {
            var frame = i % FramesAtOnce * format.Align;
            if (frame == 0) data.ReadExactly(frames, 0, Math.Min(samples.Length - i, FramesAtOnce) * format.Align);
            var sum = 0.0;
            for (var channel = 0; channel < format.Channels; channel++) sum += Value(frames.AsSpan(frame + channel * width, width), format);
            // A float file may hold anything.
            samples[i] = double.IsFinite(sum) ? (float)Math.Clamp(sum / format.Channels, -1, 1) : 0;
        }
        return new(format.Rate, samples);
    }

    private static double Value(ReadOnlySpan<byte> bytes, Format format) => (format.Kind, format.Bits) switch
    {
        (Pcm, 8) => (bytes[0] - 128) / 128.0,
        (Pcm, 16) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768.0,
        (Pcm, 24) => (bytes[0] | bytes[1] << 8 | (sbyte)bytes[2] << 16) / 8388608.0,
        (Pcm, 32) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648.0,
        (Float, 32) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };

    private static Sound? Fail(ImageStatus why, string reason, out ImageStatus status, out string error)
    {
        (status, error) = (why, reason);
        return null;
    }
}
