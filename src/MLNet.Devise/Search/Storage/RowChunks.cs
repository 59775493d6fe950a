using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Search.Storage;

/// <summary>
/// Rows of one size outside the managed heap, in chunks that never move: readers go on while rows are appended. Chunks are this
/// object's own memory, or stretches of a mapped file. A last chunk without room for more is copied into a larger one first, and
/// stays for those who still read it.
/// </summary>
internal sealed unsafe partial class RowChunks : IDisposable
{
    /// <summary>Rows that fit; the table of chunks is allocated for so many, and takes real memory only where it is used.</summary>
    public const int MaxRows = 1 << 28;

    private const int ChunkBytes = 32 << 20, MostShift = 18, HugePage = 2 << 20;

    private readonly List<(nint Start, long Bytes)> _own = [];
    private readonly object? _keptAlive;
    private readonly int _shift;
    private byte** _chunks;
    private int _room;

    /// <param name="stride">Bytes a row.</param>
    public RowChunks(int stride)
    {
        (Stride, _shift) = (stride, Math.Min(MostShift, BitOperations.Log2((uint)(ChunkBytes / stride))));
        _chunks = (byte**)NativeMemory.AllocZeroed((nuint)(MaxRows >> _shift), (nuint)sizeof(byte*));
    }

    /// <summary>Rows that lie in a mapped file, without a copy.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="rows">Rows there.</param>
    /// <param name="stride">Bytes a row.</param>
    /// <param name="owner">What keeps the mapping; kept alive with this.</param>
    public RowChunks(byte* start, int rows, int stride, object owner) : this(stride)
    {
        _keptAlive = owner;
        for (var first = 0; first < rows; first += RowsPerChunk) _chunks[first >> _shift] = start + (long)first * stride;
        Rows = _room = rows;
    }

    ~RowChunks() => Free();

    /// <summary>Bytes a row.</summary>
    public int Stride { get; }

    /// <summary>Rows there; writers only.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows that lie one after the other in memory, from each multiple of this on.</summary>
    public int RowsPerChunk => 1 << _shift;

    /// <summary>What a kernel needs to find a row without coming back here; valid as long as this lives.</summary>
    public RowPointers Pointers => new(_chunks, Stride, _shift);

    /// <summary>The address of a row, which must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int row) => _chunks[row >> _shift] + (long)(row & (1 << _shift) - 1) * Stride;

    /// <summary>Asks memory for a whole row that will be needed.</summary>
    public void Prefetch(int row)
    {
        if (!Sse.IsSupported) return;
        var start = Row(row);
        for (var line = 0; line < Stride; line += 64) Sse.Prefetch0(start + line);
    }

    /// <summary>Makes rows up to a number; new ones hold anything.</summary>
    public void Grow(int rows)
    {
        if (rows > MaxRows) throw new DeviseInputException($"{rows:N0} vectors, an index holds at most {MaxRows:N0}; divide them among several");
        while (_room < rows)
        {
            var (chunk, used) = (_room >> _shift, _room & RowsPerChunk - 1);
            // The first chunk grows with what is in it, so that small indices stay small.
            var needed = chunk == 0 ? Math.Min(RowsPerChunk, Math.Max(Math.Min(rows, RowsPerChunk), Math.Max(64, 2 * used))) : RowsPerChunk;
            var larger = Allocate((long)needed * Stride);
            if (used > 0) Buffer.MemoryCopy(_chunks[chunk], larger, (long)needed * Stride, (long)used * Stride);
            // Not before its content: a reader on another processor may otherwise come to rows that are not copied yet.
            Volatile.Write(ref *(nint*)&_chunks[chunk], (nint)larger);
            _room = (chunk << _shift) + needed;
        }
        Rows = Math.Max(Rows, rows);
    }

    /// <summary>A copy in memory that can be changed while this is read.</summary>
    public RowChunks Clone()
    {
        var copy = new RowChunks(Stride);
        copy.Grow(Rows);
        for (var first = 0; first < Rows; first += RowsPerChunk)
        {
            var bytes = (long)Math.Min(RowsPerChunk, Rows - first) * Stride;
            Buffer.MemoryCopy(Row(first), copy.Row(first), bytes, bytes);
        }
        return copy;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private byte* Allocate(long bytes)
    {
        // Random access to hundreds of megabytes otherwise waits for address translation as often as for memory.
        var huge = bytes >= HugePage;
        if (huge) bytes = (bytes + HugePage - 1) / HugePage * HugePage;
        var chunk = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)(huge ? HugePage : 64));
        if (huge && OperatingSystem.IsLinux()) _ = Advise(chunk, (nuint)bytes, AdviseHugePages);
        _own.Add(((nint)chunk, bytes));
        GC.AddMemoryPressure(bytes);
        return chunk;
    }

    private void Free()
    {
        foreach (var (start, bytes) in _own)
        {
            NativeMemory.AlignedFree((void*)start);
            GC.RemoveMemoryPressure(bytes);
        }
        _own.Clear();
        NativeMemory.Free(_chunks);
        _chunks = null;
    }

    private const int AdviseHugePages = 14;

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint bytes, int advice);
}

/// <summary>Addresses of rows.</summary>
internal readonly unsafe struct RowPointers(byte** chunks, int stride, int shift)
{
    public readonly int Stride = stride;
    private readonly int _shift = shift;
    private readonly byte** _chunks = chunks;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int row) => _chunks[row >> _shift] + (long)(row & (1 << _shift) - 1) * Stride;
}
