using System.IO.Hashing;
using System.Runtime.InteropServices;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Training.Learning.Squares;

/// <summary>
/// The layout of a file of decoded squares: what makes two runs able to share one. Numbers are little endian.
/// <code>
///  0  8 bytes  "DEVISESQ"
///  8  int32    version of this layout
/// 12  int32    side of the squares, pixels
/// 16  int32    scaling
/// 20  int32    slots
/// 24  uint64   hash of the data folder and of what decodes
/// 32  uint64   XXH3 of the bytes before
/// 64  slots × <see cref="SquareEntry"/>
///     slots × side × side × 3 bytes, red first, from the next multiple of 4096 on; the file may end before the last ones
/// </code>
/// </summary>
internal readonly record struct SquareFormat(string Folder, int Side, ImageScaling Scaling)
{
    /// <summary>Raise it whenever <see cref="Photo"/> or a scaling makes other pixels of the same file: older caches are then thrown away.</summary>
    public const int Version = 2;

    /// <summary>More are never asked for; a header that says so is damaged.</summary>
    public const int MaxSlots = 1 << 24;

    public const int HeaderBytes = 64;

    private static readonly ulong Magic = BitConverter.ToUInt64("DEVISESQ"u8);

    /// <summary>Bytes of a square.</summary>
    public int RecordBytes => Side * Side * 3;

    /// <summary>Name of the file in a cache folder; that of another data folder, side or scaling is another.</summary>
    public string FileName => $"squares-{Side}-{Scaling.ToString().ToLowerInvariant()}-{StableHash.Of(Folder, 0):x16}.cache";

    /// <summary>Where the records begin.</summary>
    public static long RecordsAt(int slots) => (HeaderBytes + (long)slots * SquareEntry.Bytes + 4095) / 4096 * 4096;

    /// <summary>Length of a file in which so many of the slots can hold a square.</summary>
    public long Length(int slots, int usable) => RecordsAt(slots) + (long)usable * RecordBytes;

    /// <summary>How many of the slots lie wholly within a file, or an allowance, of so many bytes.</summary>
    public int Usable(int slots, long length) => (int)Math.Clamp((length - RecordsAt(slots)) / RecordBytes, 0, slots);

    /// <summary>The bytes that a file of this kind begins with.</summary>
    public byte[] Header(int slots)
    {
        var header = new byte[HeaderBytes];
        var head = new Head(Magic, Version, Side, (int)Scaling, slots, Origin, 0);
        MemoryMarshal.Write(header, head);
        MemoryMarshal.Write(header, head with { Checksum = XxHash3.HashToUInt64(header.AsSpan(0, 32)) });
        return header;
    }

    /// <summary>The count of slots, or null where the header is not what <see cref="Header"/> would have written.</summary>
    /// <param name="header">The file's first bytes.</param>
    /// <param name="length">The file's length.</param>
    public int? SlotsOf(ReadOnlySpan<byte> header, long length)
    {
        if (header.Length < HeaderBytes) return null;
        var slots = MemoryMarshal.Read<Head>(header).Slots;
        return slots is > 0 and <= MaxSlots && RecordsAt(slots) <= length && header[..HeaderBytes].SequenceEqual(Header(slots)) ? slots : null;
    }

    private ulong Origin => StableHash.Of($"{Folder}\n{typeof(SKBitmap).Assembly.FullName}", Version);

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private readonly record struct Head(ulong Magic, int Version, int Side, int Scaling, int Slots, ulong Origin, ulong Checksum);
}

/// <summary>What the table says of a slot.</summary>
/// <param name="Path">Hash of the image's path; 0 leaves the slot free.</param>
/// <param name="Stamp">Hash of path, file length and time of last change.</param>
/// <param name="Checksum">XXH3 of the square, seeded with the stamp: a torn or misplaced square does not have it.</param>
/// <param name="State"><see cref="Whole"/> once the square has been written.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct SquareEntry(ulong Path, ulong Stamp, ulong Checksum, ulong State)
{
    public const int Bytes = 32;

    public const ulong Whole = 1;

    /// <summary>The entry of a square that has just been written.</summary>
    public static SquareEntry Of(ulong path, ulong stamp, ReadOnlySpan<byte> square) => new(path, stamp, Sum(stamp, square), Whole);

    /// <summary>Whether the square is the one that was written, of the file as it is now.</summary>
    public bool Vouches(ulong path, ulong stamp, ReadOnlySpan<byte> square) => IsOf(path, stamp) && Checksum == Sum(stamp, square);

    /// <summary>Whether a square of the file as it is now has been written.</summary>
    public bool IsOf(ulong path, ulong stamp) => State == Whole && Path == path && Stamp == stamp;

    private static ulong Sum(ulong stamp, ReadOnlySpan<byte> square) => XxHash3.HashToUInt64(square, (long)stamp);
}
