using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Backbones;

/// <summary>A tensor of a weights file: 32-bit floats, row-major.</summary>
internal sealed record NamedTensor(long[] Shape, float[] Values);

/// <summary>
/// Reads and writes the safetensors format: 8 bytes of header length, a JSON header of names, types, shapes and offsets, then the
/// data. Everything is checked before it is used: no overlap, no hole, no size that the file does not justify.
/// </summary>
internal static class Safetensors
{
    private const int MaxHeader = 100_000_000;

    /// <summary>All tensors of a file, F32 and F16 alike as 32-bit floats.</summary>
    /// <exception cref="DeviseInputException">Not a safetensors file, cut short, or inconsistent.</exception>
    public static IReadOnlyDictionary<string, NamedTensor> Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such weights file");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        DeviseInputException Bad(string what) => new($"{path}: {what}; the file is damaged or not a safetensors file");

        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Bad($"{stream.Length} bytes, expected at least 8");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength is < 2 or > MaxHeader || headerLength > (ulong)(stream.Length - 8)) throw Bad($"a header of {headerLength} bytes in a file of {stream.Length}");
        var header = new byte[headerLength];
        stream.ReadExactly(header);

        var entries = new List<(string Name, string Type, long[] Shape, long Begin, long End)>();
        try
        {
            using var json = JsonDocument.Parse(header);
            foreach (var entry in json.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__") continue;
                var offsets = entry.Value.GetProperty("data_offsets");
                if (offsets.GetArrayLength() != 2) throw Bad($"'{entry.Name}' has {offsets.GetArrayLength()} offsets, expected 2");
                entries.Add((entry.Name, entry.Value.GetProperty("dtype").GetString() ?? "", [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())], offsets[0].GetInt64(), offsets[1].GetInt64()));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException) { throw new DeviseInputException(Bad($"its header cannot be read ({e.Message})").Message, e); }

        var dataStart = 8 + (long)headerLength;
        var dataLength = stream.Length - dataStart;
        var position = 0L;
        var tensors = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
        foreach (var (name, type, shape, begin, end) in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            var width = type switch { "F32" => 4, "F16" => 2, _ => throw Bad($"'{name}' has type '{type}', expected F32 or F16") };
            if (begin != position || end < begin || end > dataLength) throw Bad($"'{name}' lies at {begin}..{end} of {dataLength} bytes, expected to start at {position}");
            position = end;
            if (Count(shape) is not { } count || count != (end - begin) / width || (end - begin) % width != 0)
                throw Bad($"'{name}' has shape [{string.Join(", ", shape)}], which does not fit its {end - begin} bytes");
            stream.Position = dataStart + begin;
            if (!tensors.TryAdd(name, new(shape, ReadValues(stream, (int)count, width)))) throw Bad($"'{name}' is there twice");
        }
        if (position != dataLength) throw Bad($"{dataLength} bytes of data, its tensors take {position}");
        return tensors;
    }

    /// <summary>Writes tensors in the order given, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Names and values.</param>
    /// <param name="metadata">Texts kept in the header.</param>
    public static void Write(string path, IReadOnlyList<(string Name, NamedTensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var header = new Dictionary<string, object>();
        if (metadata is not null) header["__metadata__"] = metadata;
        var offset = 0L;
        foreach (var (name, tensor) in tensors)
        {
            header.Add(name, new { dtype = "F32", shape = tensor.Shape, data_offsets = new[] { offset, offset + 4L * tensor.Values.Length } });
            offset += 4L * tensor.Values.Length;
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = new byte[(json.Length + 7) / 8 * 8];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        WholeFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)padded.Length);
            stream.Write(prefix);
            stream.Write(padded);
            foreach (var (_, tensor) in tensors) stream.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        });
    }

    private static long? Count(long[] shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            if (size < 0 || (size > 0 && count > int.MaxValue / size)) return null;
            count *= size;
        }
        return count;
    }

    private static float[] ReadValues(Stream stream, int count, int width)
    {
        var values = new float[count];
        if (width == 4) stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        else
        {
            var halves = new Half[count];
            stream.ReadExactly(MemoryMarshal.AsBytes(halves.AsSpan()));
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(halves, values);
        }
        return values;
    }
}
