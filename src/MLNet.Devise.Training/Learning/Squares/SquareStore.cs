using System.Runtime.InteropServices;
using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Learning.Squares;

/// <summary>
/// Decoded squares by path, in memory or in a mapped file. A square is there only when its entry's checksum says so, so that neither a
/// killed writer, nor damage, nor another process at work in the same file can pass off anything else.
/// </summary>
internal sealed class SquareStore : IDisposable
{
    private readonly SquareFormat _format;
    private readonly SquareMemory _memory;
    private readonly IDisposable? _lock;
    private readonly int _slots, _writable;
    private readonly Dictionary<ulong, int> _slotOf = [];
    private readonly Queue<int> _free = new();
    private readonly HashSet<ulong> _writing = [];
    private readonly Lock _gate = new();

    /// <param name="format">What the squares are.</param>
    /// <param name="memory">Where they are; disposed with this.</param>
    /// <param name="slots">As the header says.</param>
    /// <param name="allowance">Bytes that may be written to.</param>
    /// <param name="hold">What keeps other writers out; disposed with this.</param>
    public SquareStore(SquareFormat format, SquareMemory memory, int slots, long allowance, IDisposable? hold)
    {
        (_format, _memory, _slots, _lock) = (format, memory, slots, hold);
        _writable = memory.CanWrite ? format.Usable(slots, Math.Min(allowance, memory.Length)) : 0;
        for (var slot = 0; slot < format.Usable(slots, memory.Length); slot++)
        {
            var entry = Entry(slot);
            if (entry is { State: SquareEntry.Whole, Path: not 0 } && _slotOf.TryAdd(entry.Path, slot)) continue;
            if (slot < _writable || !memory.CanWrite) _free.Enqueue(slot);
        }
    }

    /// <summary>Squares known to be there.</summary>
    public int Count { get { lock (_gate) return _slotOf.Count; } }

    /// <summary>Lets <paramref name="take"/> copy the image's square; false where it is not there, and what was copied is then worthless.</summary>
    public bool TryRead(string path, ulong stamp, SquareReader take)
    {
        var key = Key(path);
        int slot;
        lock (_gate)
        {
            if (!_memory.CanWrite) LookAgain();
            if (!_slotOf.TryGetValue(key, out slot)) return false;
        }
        var entry = Entry(slot);
        if (!entry.IsOf(key, stamp)) return false;
        var square = _memory.Read(RecordAt(slot), _format.RecordBytes);
        take(square);
        // Only now: whatever happened to the square while it was copied, its checksum knows.
        return entry.Vouches(key, stamp, square);
    }

    /// <summary>Keeps a square if there is room; an older one of the same path makes way.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing is lost but this square.</exception>
    public void TryWrite(string path, ulong stamp, Func<ReadOnlyMemory<byte>> square)
    {
        var key = Key(path);
        int slot;
        lock (_gate)
        {
            if (_writable == 0 || !_writing.Add(key)) return;
            if (_slotOf.TryGetValue(key, out slot) ? slot >= _writable : !_free.TryDequeue(out slot))
            {
                _writing.Remove(key);
                return;
            }
        }
        try
        {
            var pixels = square().Span;
            var entry = SquareEntry.Of(key, stamp, pixels);
            _memory.Write(RecordAt(slot), pixels);
            _memory.Write(EntryAt(slot), MemoryMarshal.AsBytes(new ReadOnlySpan<SquareEntry>(in entry)));
            lock (_gate) _slotOf[key] = slot;
        }
        finally { lock (_gate) _writing.Remove(key); }
    }

    public void Dispose()
    {
        _memory.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Finds what another process has written since; it fills free slots in their order.</summary>
    private void LookAgain()
    {
        while (_free.TryPeek(out var slot) && Entry(slot) is { State: SquareEntry.Whole } entry)
        {
            _slotOf.TryAdd(entry.Path, slot);
            _free.Dequeue();
        }
    }

    private static ulong Key(string path) => Math.Max(1, StableHash.Of(path, 0));

    private SquareEntry Entry(int slot) => MemoryMarshal.Read<SquareEntry>(_memory.Read(EntryAt(slot), SquareEntry.Bytes));

    private static long EntryAt(int slot) => SquareFormat.HeaderBytes + (long)slot * SquareEntry.Bytes;

    private long RecordAt(int slot) => _format.Length(_slots, slot);
}

/// <summary>Takes a square, red first, before the memory it lies in may change.</summary>
internal delegate void SquareReader(ReadOnlySpan<byte> square);
