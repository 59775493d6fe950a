using System.IO.Hashing;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace MLNet.Devise.Search.Storage;

/// <summary>
/// The ids of rows: those of a file stay there as UTF-8 and are found through its hash table, those added since are strings. An id may
/// stand at several rows, of which the last counts. Reading by row goes on while ids are appended; everything else is the writer's.
/// </summary>
internal sealed class IdColumn(StoredIds? stored)
{
    private readonly int _stored = stored?.Count ?? 0;
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private string[] _added = new string[16];

    public int Count { get; private set; } = stored?.Count ?? 0;

    public string this[int row] => row < _stored ? stored!.Text(row) : Volatile.Read(ref _added)[row - _stored];

    /// <summary>Asks memory for where a row's id lies.</summary>
    public void Prefetch(int row)
    {
        if (row < _stored) stored!.Prefetch(row);
    }

    /// <summary>UTF-8 of a row's id.</summary>
    public byte[] Utf8(int row) => row < _stored ? stored!.Utf8(row).ToArray() : Encoding.UTF8.GetBytes(_added[row - _stored]);

    /// <summary>The last row of an id, or −1.</summary>
    public int Find(string id) => _rows.TryGetValue(id, out var row) ? row : stored?.Find(Encoding.UTF8.GetBytes(id)) ?? -1;

    public void Add(string id)
    {
        var place = Count - _stored;
        if (place == _added.Length)
        {
            var longer = new string[place * 2];
            _added.CopyTo(longer, 0);
            Volatile.Write(ref _added, longer);
        }
        _added[place] = id;
        _rows[id] = Count++;
    }
}

/// <summary>Ids as an index file has them; whatever the file says, nothing outside the given memory is read.</summary>
/// <param name="path">The file, for errors.</param>
/// <param name="owner">What keeps the memory.</param>
/// <param name="count">Ids there.</param>
/// <param name="offsets">Where each begins, and the end: one more than there are.</param>
/// <param name="bytes">UTF-8 of all.</param>
/// <param name="byteCount">How many bytes.</param>
/// <param name="slots">Hash table of rows.</param>
/// <param name="slotCount">Its size, a power of two.</param>
internal sealed unsafe class StoredIds(string path, object owner, int count, long* offsets, byte* bytes, long byteCount, int* slots, int slotCount)
{
    public int Count => count;

    public void Prefetch(int row)
    {
        if (Sse.IsSupported) Sse.Prefetch0(offsets + row);
    }

    public string Text(int row) => Encoding.UTF8.GetString(Utf8(row));

    public ReadOnlySpan<byte> Utf8(int row)
    {
        var (start, end) = (offsets[row], offsets[row + 1]);
        if (start < 0 || end < start || end > byteCount || end - start > MaxBytes) throw Damaged($"the id of vector {row} lies outside its section");
        GC.KeepAlive(owner);
        return new(bytes + start, (int)(end - start));
    }

    public int Find(ReadOnlySpan<byte> id)
    {
        // A damaged table may have no free slot: look at each no more than once.
        for (var (slot, tried) = (Slot(id, slotCount), 0); tried < slotCount; slot = slot + 1 & slotCount - 1, tried++)
        {
            var row = slots[slot];
            if (row < 0) return -1;
            if (row >= count) throw Damaged($"its table of ids names vector {row} of {count}");
            if (Utf8(row).SequenceEqual(id)) return row;
        }
        return -1;
    }

    /// <summary>UTF-8 bytes of an id at most.</summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>A power of two with room to spare.</summary>
    public static int SlotsFor(int count) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(count + count / 3 + 1));

    /// <summary>Where the search for an id begins.</summary>
    public static int Slot(ReadOnlySpan<byte> id, int slots) => (int)(XxHash3.HashToUInt64(id) & (uint)(slots - 1));

    private DeviseInputException Damaged(string what) => new($"{path}: {what}: it is damaged; build the index again");
}
