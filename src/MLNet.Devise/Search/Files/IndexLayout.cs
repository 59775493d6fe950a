using System.Buffers.Binary;
using System.IO.Hashing;

namespace MLNet.Devise.Search.Files;

/// <summary>
/// The frame of an index file. 64 bytes: <c>DEVISEIX</c>, version, number of sections, length of the file, XXH3 of the table; then the
/// table, 32 bytes a section: kind, zero, offset, length, XXH3 of its bytes; then the sections, each at a multiple of 64. All numbers
/// little-endian.
/// </summary>
internal sealed unsafe class IndexLayout
{
    public const int Version = 1, TableHash = 24, FrameBytes = 64, EntryBytes = 32, Alignment = 64, MaxSections = 64;
    public static ReadOnlySpan<byte> Magic => "DEVISEIX"u8;

    private readonly Dictionary<IndexSection, (long Offset, long Length, ulong Hash)> _sections = [];
    private readonly string _path;
    private readonly IndexBytes _bytes;

    /// <summary>Reads and checks frame and table.</summary>
    public IndexLayout(string path, IndexBytes bytes)
    {
        (_path, _bytes) = (path, bytes);
        if (bytes.Length < FrameBytes || !bytes.Read(0, 8).SequenceEqual(Magic)) throw new DeviseInputException($"{path}: not an index file, expected one made by 'devise index build'");
        var frame = bytes.Read(0, FrameBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]) is var version && version != Version) throw new DeviseInputException($"{path}: index format {version}, this program reads {Version}; update MLNet.Devise or build the index again");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(frame[12..]);
        if (BinaryPrimitives.ReadInt64LittleEndian(frame[16..]) is var length && length != bytes.Length) throw Damaged($"{bytes.Length:N0} bytes, expected {length:N0}");
        if (count is 0 or > MaxSections || FrameBytes + count * EntryBytes > bytes.Length) throw Damaged($"{count} sections");
        var table = bytes.Read(FrameBytes, (int)count * EntryBytes);
        if (XxHash3.HashToUInt64(table) != BinaryPrimitives.ReadUInt64LittleEndian(frame[TableHash..])) throw Damaged("its table of sections does not match its checksum");
        for (var entry = table; entry.Length > 0; entry = entry[EntryBytes..])
        {
            var (kind, offset, size) = ((IndexSection)BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
            if (offset < FrameBytes || size < 0 || offset % Alignment != 0 || offset > bytes.Length - size) throw Damaged($"section {kind} lies outside the file");
            if (!_sections.TryAdd(kind, (offset, size, BinaryPrimitives.ReadUInt64LittleEndian(entry[24..])))) throw Damaged($"section {kind} is there twice");
        }
    }

    public bool Has(IndexSection kind) => _sections.ContainsKey(kind);

    /// <summary>The address of a section that must be there and have a length.</summary>
    public byte* Section(IndexSection kind, long expected)
    {
        if (!_sections.TryGetValue(kind, out var section)) throw Damaged($"section {kind} is missing");
        if (section.Length != expected) throw Damaged($"section {kind} has {section.Length:N0} bytes, expected {expected:N0}");
        return _bytes.At(section.Offset, section.Length);
    }

    public long Length(IndexSection kind) => _sections.TryGetValue(kind, out var section) ? section.Length : 0;

    /// <summary>A small section, checked, copied.</summary>
    public T[] Copy<T>(IndexSection kind, long most) where T : unmanaged
    {
        var length = Length(kind);
        if (length > most || length % sizeof(T) != 0 || length / sizeof(T) > Array.MaxLength) throw Damaged($"section {kind} has {length:N0} bytes");
        var bytes = Section(kind, length);
        Check(kind);
        // Counted in values: their bytes may be more than a span can hold.
        return new ReadOnlySpan<T>(bytes, (int)(length / sizeof(T))).ToArray();
    }

    /// <summary>Compares every section with its checksum.</summary>
    public void CheckAll()
    {
        foreach (var kind in _sections.Keys) Check(kind);
    }

    public DeviseInputException Damaged(string what) => new($"{_path}: {what}: the index is damaged; build it again");

    private void Check(IndexSection kind)
    {
        var (offset, length, hash) = _sections[kind];
        var sum = new XxHash3();
        for (long at = 0; at < length;)
        {
            var part = (int)Math.Min(length - at, 1 << 24);
            sum.Append(_bytes.Read(offset + at, part));
            at += part;
        }
        if (sum.GetCurrentHashAsUInt64() != hash) throw Damaged($"section {kind} does not match its checksum");
    }
}
