using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Backbones;

/// <summary>
/// Reads and writes the safetensors format: 8 bytes of header length, a JSON header of names, types, shapes and offsets, then the
/// data. Everything is checked before it is used: no overlap, no hole, no size that the file does not justify.
/// </summary>
internal static class Safetensors
{
    /// <summary>Bytes a header may have, as the format's own library has it.</summary>
    public const int MaxHeader = 100_000_000;

    /// <summary>Values that are written at once.</summary>
    private const int Piece = 1 << 16;

    /// <summary>All floating-point tensors of a file, of any width as 32-bit floats. Integers are passed over, as in a .pth file: counters that no weight is made of.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Receives the texts kept in the header; null passes over them.</param>
    /// <exception cref="DeviseInputException">Not a safetensors file, cut short, or inconsistent.</exception>
    public static IReadOnlyDictionary<string, NamedTensor> Read(string path, Dictionary<string, string>? metadata = null)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such weights file");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try { return Read(stream, metadata); }
        catch (InvalidDataException e) { throw new DeviseInputException($"{path}: {e.Message}", e); }
    }

    /// <inheritdoc cref="Read(string, Dictionary{string, string}?)"/>
    /// <exception cref="InvalidDataException">The same, without the file's name.</exception>
    internal static Dictionary<string, NamedTensor> Read(FileStream stream, Dictionary<string, string>? metadata = null)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Bad($"{stream.Length} bytes, expected at least 8");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength is < 2 or > MaxHeader || headerLength > (ulong)(stream.Length - 8)) throw Bad($"a header of {headerLength} bytes in a file of {stream.Length}");
        var entries = ReadHeader(stream, (int)headerLength, metadata);

        var dataStart = 8 + (long)headerLength;
        var dataLength = stream.Length - dataStart;
        var position = 0L;
        var (tensors, names) = (new Dictionary<string, NamedTensor>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, type, shape, begin, end) in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            var format = type switch
            {
                "F32" => NumberFormat.Float32,
                "F16" => NumberFormat.Float16,
                "BF16" => NumberFormat.BFloat16,
                "F64" => NumberFormat.Float64,
                "I64" or "U64" => NumberFormat.Integer(8),
                "I32" or "U32" => NumberFormat.Integer(4),
                "I16" or "U16" => NumberFormat.Integer(2),
                "I8" or "U8" or "BOOL" => NumberFormat.Integer(1),
                _ => throw Bad($"'{name}' has type '{type}', expected F64, F32, F16, BF16 or integers"),
            };
            if (begin != position || end < begin || end > dataLength) throw Bad($"'{name}' lies at {begin}..{end} of {dataLength} bytes, expected to start at {position}");
            position = end;
            if (Count(shape) is not { } count || count != (end - begin) / format.Width || (end - begin) % format.Width != 0)
                throw Bad($"'{name}' has shape [{string.Join(", ", shape)}], which does not fit its {end - begin} bytes");
            if (!names.Add(name)) throw Bad($"'{name}' is there twice");
            if (format.IsFloat) tensors.Add(name, new(shape, ReadValues(stream, (int)count, format)));
            else stream.Position += end - begin;
        }
        if (position != dataLength) throw Bad($"{dataLength} bytes of data, its tensors take {position}");
        return tensors;
    }

    /// <summary>Writes tensors in the order given, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Names and values.</param>
    /// <param name="metadata">Texts kept in the header.</param>
    /// <param name="half">Stores F16, rounded, instead of F32.</param>
    public static void Write(string path, IReadOnlyList<(string Name, NamedTensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null, bool half = false)
    {
        var format = half ? NumberFormat.Float16 : NumberFormat.Float32;
        var header = new Dictionary<string, object>();
        if (metadata is not null) header["__metadata__"] = metadata;
        var offset = 0L;
        foreach (var (name, tensor) in tensors)
        {
            header.Add(name, new { dtype = format.Name, shape = tensor.Shape, data_offsets = new[] { offset, offset + (long)format.Width * tensor.Values.Length } });
            offset += (long)format.Width * tensor.Values.Length;
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
            var halves = new Half[half ? Piece : 0];
            foreach (var (_, tensor) in tensors) WriteValues(stream, tensor.Values, halves);
        });
    }

    /// <summary>Writes piece by piece: the bytes of a large tensor are more than a span can have.</summary>
    private static void WriteValues(Stream stream, float[] values, Span<Half> halves)
    {
        for (var done = 0; done < values.Length; done += Math.Min(Piece, values.Length - done))
        {
            var part = values.AsSpan(done, Math.Min(Piece, values.Length - done));
            if (halves.IsEmpty) stream.Write(MemoryMarshal.AsBytes(part));
            else
            {
                TensorPrimitives.ConvertToHalf(part, halves);
                stream.Write(MemoryMarshal.AsBytes(halves[..part.Length]));
            }
        }
    }

    private static List<SafetensorsEntry> ReadHeader(FileStream stream, int length, Dictionary<string, string>? metadata)
    {
        var header = new byte[length];
        stream.ReadExactly(header);
        try { return SafetensorsHeader.Parse(header, metadata); }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException) { throw Bad($"its header cannot be read ({e.Message})"); }
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

    /// <summary>Reads piece by piece, so that the values are all that is ever held.</summary>
    private static float[] ReadValues(FileStream stream, int count, NumberFormat format)
    {
        var values = new float[count];
        var piece = new byte[Math.Min(1 << 16, count * (long)format.Width)];
        for (var done = 0; done < count;)
        {
            var part = values.AsSpan(done, Math.Min(count - done, piece.Length / format.Width));
            stream.ReadExactly(piece, 0, part.Length * format.Width);
            format.Decode(piece, part);
            done += part.Length;
        }
        return values;
    }

    private static InvalidDataException Bad(string what) => new($"{what}; the file is damaged or not a safetensors file");
}
