using System.Buffers.Binary;
using System.IO.Hashing;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Files;

/// <summary>Writes sections one after the other; the frame comes last, into the room left for it.</summary>
internal sealed unsafe class IndexWriter(Stream stream)
{
    private readonly List<(IndexSection Kind, long Offset, long Length, ulong Hash)> _sections = [];

    public void Begin()
    {
        stream.Write(new byte[IndexLayout.FrameBytes + Enum.GetValues<IndexSection>().Length * IndexLayout.EntryBytes]);
    }

    public void Section<T>(IndexSection kind, ReadOnlySpan<T> values) where T : unmanaged
    {
        // A span's bytes may be more than a span can hold.
        var parts = new List<(nint, int)>();
        fixed (T* start = values)
        {
            for (var first = 0; first < values.Length; first += 1 << 24) parts.Add(((nint)(start + first), Math.Min(1 << 24, values.Length - first) * sizeof(T)));
            Section(kind, parts);
        }
    }

    /// <summary>The first rows: there may be room for more, of which nobody was told.</summary>
    public void Section(IndexSection kind, RowChunks rows, int count)
    {
        var parts = new List<(nint, int)>();
        for (var first = 0; first < count; first += rows.RowsPerChunk)
            parts.Add(((nint)rows.Row(first), Math.Min(rows.RowsPerChunk, count - first) * rows.Stride));
        Section(kind, parts);
    }

    public void Section(IndexSection kind, IEnumerable<byte[]> parts)
    {
        var (offset, sum, length) = (Align(), new XxHash3(), 0L);
        foreach (var part in parts)
        {
            stream.Write(part);
            sum.Append(part);
            length += part.Length;
        }
        _sections.Add((kind, offset, length, sum.GetCurrentHashAsUInt64()));
    }

    public void End()
    {
        Align();
        var table = new byte[_sections.Count * IndexLayout.EntryBytes];
        for (var (i, entry) = (0, table.AsMemory()); i < _sections.Count; i++, entry = entry[IndexLayout.EntryBytes..])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(entry.Span, (uint)_sections[i].Kind);
            BinaryPrimitives.WriteInt64LittleEndian(entry.Span[8..], _sections[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry.Span[16..], _sections[i].Length);
            BinaryPrimitives.WriteUInt64LittleEndian(entry.Span[24..], _sections[i].Hash);
        }
        var frame = new byte[IndexLayout.FrameBytes];
        IndexLayout.Magic.CopyTo(frame);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), IndexLayout.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), (uint)_sections.Count);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(16), stream.Position);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(IndexLayout.TableHash), XxHash3.HashToUInt64(table));
        var end = stream.Position;
        stream.Position = 0;
        stream.Write(frame);
        stream.Write(table);
        stream.Position = end;
    }

    private void Section(IndexSection kind, List<(nint Start, int Bytes)> parts)
    {
        var (offset, sum, length) = (Align(), new XxHash3(), 0L);
        foreach (var (start, bytes) in parts)
        {
            var part = new ReadOnlySpan<byte>((void*)start, bytes);
            stream.Write(part);
            sum.Append(part);
            length += bytes;
        }
        _sections.Add((kind, offset, length, sum.GetCurrentHashAsUInt64()));
    }

    private long Align()
    {
        var gap = -stream.Position & IndexLayout.Alignment - 1;
        stream.Write(stackalloc byte[(int)gap]);
        return stream.Position;
    }
}
