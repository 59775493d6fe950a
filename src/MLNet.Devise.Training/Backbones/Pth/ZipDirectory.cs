using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>
/// The directory of a zip whose entries are stored, not compressed: numbers are then read straight from the file, and an entry is never
/// larger than the file. Smaller than a general zip reader, and bounded in memory whatever the directory claims.
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndLength = 22, EntryLength = 46, LocalLength = 30, MaxComment = 0xFFFF, MaxEntries = 20_000, MaxName = 512;

    private readonly FileStream _stream;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Start, long Length)> _located = new(StringComparer.Ordinal);

    private ZipDirectory(FileStream stream) => _stream = stream;

    public IEnumerable<string> Names => _entries.Keys;

    /// <exception cref="InvalidDataException">Damaged, cut short, compressed, or larger than 4 GB.</exception>
    public static ZipDirectory Read(FileStream stream)
    {
        var tail = new byte[Math.Min(stream.Length, EndLength + MaxComment)];
        stream.Position = stream.Length - tail.Length;
        stream.ReadExactly(tail);
        var at = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        if (at < 0 || at + EndLength > tail.Length) throw new InvalidDataException("a zip without its directory; the file is cut short");
        var (count, length, start) = (U16(tail, at + 10), (long)U32(tail, at + 12), (long)U32(tail, at + 16));
        if (count == ushort.MaxValue || start == uint.MaxValue) throw new InvalidDataException("a zip of more than 4 GB or 65,534 entries, which is not read");
        if (count > MaxEntries || start + length > stream.Length) throw Bad($"claims {count} entries in {length} bytes at {start} of {stream.Length}");

        var directory = new ZipDirectory(stream);
        stream.Position = start;
        for (var i = 0; i < count; i++) directory.ReadEntry(start + length);
        return directory;
    }

    /// <summary>Where an entry's content lies, its checksum verified; null where there is no such entry.</summary>
    public (long Start, long Length)? Locate(string name)
    {
        if (_located.TryGetValue(name, out var known)) return known;
        if (!_entries.TryGetValue(name, out var entry)) return null;
        Span<byte> local = stackalloc byte[LocalLength];
        _stream.Position = entry.LocalHeader;
        _stream.ReadExactly(local);
        if (!local.StartsWith("PK\x03\x04"u8)) throw Bad($"has no entry where '{name}' should be");
        var start = entry.LocalHeader + LocalLength + U16(local, 26) + U16(local, 28);
        if (entry.Length > _stream.Length - start) throw Bad($"claims {entry.Length} bytes for '{name}'");
        if (Checksum(start, entry.Length) != entry.Checksum) throw Bad($"has a '{name}' that does not match its checksum");
        return _located[name] = (start, entry.Length);
    }

    private void ReadEntry(long end)
    {
        Span<byte> entry = stackalloc byte[EntryLength];
        Span<byte> text = stackalloc byte[MaxName];
        _stream.ReadExactly(entry);
        if (!entry.StartsWith("PK\x01\x02"u8)) throw Bad("has something else than an entry in its directory");
        int nameLength = U16(entry, 28);
        if (nameLength > MaxName) throw Bad($"has a name of {nameLength} bytes");
        _stream.ReadExactly(text[..nameLength]);
        var name = Encoding.UTF8.GetString(text[..nameLength]);
        _stream.Position += U16(entry, 30) + U16(entry, 32);
        if (_stream.Position > end) throw Bad("has a directory that is longer than it claims");
        if (U16(entry, 10) != 0 || U32(entry, 20) != U32(entry, 24)) throw new InvalidDataException($"'{name}' in it is compressed; PyTorch stores its entries, expected the file as torch.save wrote it");
        if (!_entries.TryAdd(name, new(U32(entry, 42), U32(entry, 24), U32(entry, 16)))) throw Bad($"has '{name}' twice");
    }

    private uint Checksum(long start, long length)
    {
        var crc = new Crc32();
        var piece = new byte[Math.Min(length, 1 << 16)];
        _stream.Position = start;
        for (var left = length; left > 0;)
        {
            var part = piece.AsSpan(0, (int)Math.Min(left, piece.Length));
            _stream.ReadExactly(part);
            crc.Append(part);
            left -= part.Length;
        }
        return crc.GetCurrentHashAsUInt32();
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static InvalidDataException Bad(string what) => new($"a zip that {what}; the file is damaged");

    private sealed record Entry(long LocalHeader, long Length, uint Checksum);
}
