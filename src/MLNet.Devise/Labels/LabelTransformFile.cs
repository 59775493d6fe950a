using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Devise.Data;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels;

/// <summary>
/// Keeps a <see cref="LabelTransform"/>: a safetensors file of one or two tensors, <c>mean</c> (d) and <c>map</c> (d×d, left out for the
/// identity), with the options as metadata. Only such files are read, and all of a file is checked before it is used.
/// </summary>
internal static class LabelTransformFile
{
    private const int MaxHeader = 1 << 16;

    public static void Write(string path, LabelTransform transform)
    {
        var (size, options) = (transform.Dimension, transform.Options);
        string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
        var header = new Dictionary<string, object>
        {
            ["__metadata__"] = new Dictionary<string, string>
            {
                ["kind"] = $"{options.Kind}",
                ["components"] = Text(options.Components),
                ["strength"] = Text(options.Strength),
                ["words"] = Text(options.Words),
                ["fittedWords"] = Text(transform.FittedWords),
            },
            ["mean"] = new { dtype = "F32", shape = (int[])[size], data_offsets = (long[])[0, 4L * size] },
        };
        if (!transform.Map.IsEmpty) header["map"] = new { dtype = "F32", shape = (int[])[size, size], data_offsets = (long[])[4L * size, 4L * size + 4L * size * size] };
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = new byte[(json.Length + 7) / 8 * 8];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        var (mean, map) = (MemoryMarshal.AsBytes(transform.Mean).ToArray(), MemoryMarshal.AsBytes(transform.Map).ToArray());
        WholeFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded.Length);
            stream.Write(length);
            stream.Write(padded);
            stream.Write(mean);
            stream.Write(map);
        });
    }

    /// <exception cref="DeviseInputException">The file is missing, damaged or not one that <see cref="Write"/> made.</exception>
    public static LabelTransform Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file, expected the transform that the label vectors went through");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return Read(stream);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException or EndOfStreamException)
        {
            throw new DeviseInputException($"{path}: not a label transform: {e.Message}; train or export again", e);
        }
    }

    private static LabelTransform Read(FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length is < 2 or > MaxHeader || (long)length > stream.Length - 8) throw new InvalidDataException($"a header of {length} bytes in a file of {stream.Length}");
        var header = new byte[length];
        stream.ReadExactly(header);
        using var json = JsonDocument.Parse(header);
        var (mean, identity) = (json.RootElement.GetProperty("mean"), !json.RootElement.TryGetProperty("map", out var map));
        if (mean.GetProperty("shape").GetArrayLength() != 1 || !mean.GetProperty("shape")[0].TryGetInt32(out var size) || size is < 1 or > FormatSniffer.MaxDimension)
            throw new InvalidDataException($"its mean has shape {mean.GetProperty("shape")}, expected one size of 1..{FormatSniffer.MaxDimension}");
        Expect(mean, $"[{size}]", 0, 4L * size);
        if (!identity) Expect(map, $"[{size},{size}]", 4L * size, 4L * size + 4L * size * size);
        var values = stream.Length - stream.Position;
        if (values != 4L * size * (identity ? 1 : 1 + size)) throw new InvalidDataException($"{values} bytes of values, its header says {4L * size * (identity ? 1 : 1 + size)}");
        var (options, words) = Options(json.RootElement.GetProperty("__metadata__"));
        return new(options, words, Floats(stream, size), identity ? null : Floats(stream, size * size));
    }

    private static (LabelTransformOptions Options, int FittedWords) Options(JsonElement texts)
    {
        int Whole(string name) => int.Parse(texts.GetProperty(name).GetString() ?? "", CultureInfo.InvariantCulture);
        if (!Enum.TryParse<LabelTransformKind>(texts.GetProperty("kind").GetString(), out var kind)) throw new InvalidDataException($"kind {texts.GetProperty("kind")}");
        var strength = double.Parse(texts.GetProperty("strength").GetString() ?? "", CultureInfo.InvariantCulture);
        return (new() { Kind = kind, Components = Whole("components"), Strength = strength, Words = Whole("words") }, Whole("fittedWords"));
    }

    private static void Expect(JsonElement tensor, string shape, long begin, long end)
    {
        var found = $"{tensor.GetProperty("dtype")} {Compact(tensor.GetProperty("shape"))} {Compact(tensor.GetProperty("data_offsets"))}";
        if (found != $"F32 {shape} [{begin},{end}]") throw new InvalidDataException($"a tensor {found}, expected F32 {shape} [{begin},{end}]");
        static string Compact(JsonElement list) => $"[{string.Join(',', list.EnumerateArray().Select(item => item.GetInt64()))}]";
    }

    private static float[] Floats(FileStream stream, int count)
    {
        var values = new float[count];
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return Array.TrueForAll(values, float.IsFinite) ? values : throw new InvalidDataException("a value that is not a finite number");
    }
}
