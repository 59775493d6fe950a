namespace MLNet.Devise.Labels.Cache;

/// <summary>How a cache stores a value.</summary>
internal enum CachePrecision
{
    /// <summary>As the file had it.</summary>
    Fp32,
    /// <summary>A signed byte times the row's scale, which is its largest absolute value / 127: a quarter of the size.</summary>
    Int8,
}

/// <summary>
/// A cache file, version 2, little-endian. Every place follows from four numbers in the header:
/// <code>
///   0  8 bytes  "DEVISEWV"             64  u64  XxHash3 of the rows
///   8  u32      version, 2             72  u64  CRC-32C of all that comes after the rows
///  12  u32      precision: 0 fp32,     80  40 bytes of zero
///               1 int8                120  u64  XxHash3 of the header's first 120 bytes
///  16  u32      values a word
///  20  u32      bytes of the note     128  rows: words × values, fp32 or int8
///  24  u64      words                   …  then, each from a multiple of 64 on:
///  32  u64      bytes of all names         f32 a word: 1 / length of its vector, 0 for none
///  40  u64      words of the source        f32 a word: its scale (int8 only)
///  48  u64      bytes of this file         u32 a word: rank in the source
///  56  u64      zero                       u32 a word + 1: where its name begins among the names
///                                          u32 a word: rows in ordinal order of their UTF-8 names
///                                          the names, UTF-8, without anything between them
///                                          the note, UTF-8: what the cache was made from
/// </code>
/// </summary>
internal sealed record CacheLayout(CachePrecision Precision, int Dimension, int Count, uint NameBytes, int NoteBytes)
{
    public const int Version = 2, HeaderBytes = 128, HashedHeader = 120, MaxNote = 4096;
    public const long Rows = HeaderBytes;

    public static ReadOnlySpan<byte> Magic => "DEVISEWV"u8;

    public int ValueBytes => Precision == CachePrecision.Fp32 ? 4 : 1;

    public int RowBytes => Dimension * ValueBytes;

    public long RowsEnd => Rows + (long)Count * RowBytes;

    public long Inverses => Aligned(RowsEnd);

    public long Scales => Aligned(Inverses + 4L * Count);

    public long Ranks => Precision == CachePrecision.Fp32 ? Scales : Aligned(Scales + 4L * Count);

    public long Starts => Aligned(Ranks + 4L * Count);

    public long Order => Aligned(Starts + 4L * (Count + 1L));

    public long Names => Aligned(Order + 4L * Count);

    public long Note => Aligned(Names + NameBytes);

    public long Length => Note + NoteBytes;

    private static long Aligned(long at) => (at + 63) / 64 * 64;
}
