using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Search.Storage;

/// <summary>
/// Rows of one size outside the managed heap, in chunks that never move: readers go on while rows are appended. Chunks are this
/// object's own memory, or stretches of a mapped file, which are copied before anything is appended to them.
/// </summary>
internal sealed unsafe partial class RowChunks : IDisposable
{
    /// <summary>Rows that fit; the table of chunks is allocated for so many, and takes real memory only where it is used.</summary>
    public const int MaxRows = 1 << 28;

    public const int RowsPerChunk = 1 << Shift;
    public const int Shift = 14;
    private const int HugePage = 2 << 20;

    private readonly List<nint> _own = [];
    private readonly object? _keptAlive;
    private byte** _chunks;
    private int _lastMapped = -1;

    /// <param name="stride">Bytes a row.</param>
    public RowChunks(int stride)
    {
        Stride = stride;
        _chunks = (byte**)NativeMemory.AllocZeroed(MaxRows / RowsPerChunk, (nuint)sizeof(byte*));
    }

    /// <summary>Rows that lie in a mapped file, without a copy.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="rows">Rows there.</param>
    /// <param name="stride">Bytes a row.</param>
    /// <param name="owner">What keeps the mapping; kept alive with this.</param>
    public RowChunks(byte* start, int rows, int stride, object owner) : this(stride)
    {
        _keptAlive = owner;
        for (var first = 0; first < rows; first += RowsPerChunk) _chunks[first >> Shift] = start + (long)first * stride;
        Rows = rows;
        if (rows % RowsPerChunk != 0) _lastMapped = rows >> Shift;
    }

    ~RowChunks() => Free();

    /// <summary>Bytes a row.</summary>
    public int Stride { get; }

    /// <summary>Rows there; writers only.</summary>
    public int Rows { get; private set; }

    /// <summary>Bytes of memory of its own.</summary>
    public long OwnBytes => (long)_own.Count * RowsPerChunk * Stride;

    /// <summary>What a kernel needs to find a row without coming back here; valid as long as this lives.</summary>
    public RowPointers Pointers => new(_chunks, Stride);

    /// <summary>The address of a row, which must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int row) => _chunks[row >> Shift] + (long)(row & (RowsPerChunk - 1)) * Stride;

    /// <summary>Makes rows up to a number; new ones hold anything.</summary>
    public void Grow(int rows)
    {
        if (rows <= Rows) return;
        if (rows > MaxRows) throw new DeviseInputException($"{rows:N0} vectors, an index holds at most {MaxRows:N0}; divide them among several");
        if (_lastMapped >= 0)
        {
            var copy = Allocate();
            Buffer.MemoryCopy(_chunks[_lastMapped], copy, (long)RowsPerChunk * Stride, (long)(Rows & (RowsPerChunk - 1)) * Stride);
            _chunks[_lastMapped] = copy;
            _lastMapped = -1;
        }
        for (var chunk = Rows + RowsPerChunk - 1 >> Shift; chunk << Shift < rows; chunk++) _chunks[chunk] = Allocate();
        Rows = rows;
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

    private byte* Allocate()
    {
        var bytes = (nuint)RowsPerChunk * (nuint)Stride;
        // Random access to hundreds of megabytes otherwise waits for address translation as often as for memory.
        var huge = bytes >= HugePage;
        var chunk = (byte*)NativeMemory.AlignedAlloc(bytes, (nuint)(huge ? HugePage : 64));
        if (huge && OperatingSystem.IsLinux()) _ = Advise(chunk, bytes, AdviseHugePages);
        _own.Add((nint)chunk);
        GC.AddMemoryPressure((long)bytes);
        return chunk;
    }

    private void Free()
    {
        foreach (var chunk in _own)
        {
            NativeMemory.AlignedFree((void*)chunk);
            GC.RemoveMemoryPressure((long)RowsPerChunk * Stride);
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
internal readonly unsafe struct RowPointers(byte** chunks, int stride)
{
    public readonly int Stride = stride;
    private readonly byte** _chunks = chunks;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int row) => _chunks[row >> RowChunks.Shift] + (long)(row & (RowChunks.RowsPerChunk - 1)) * Stride;
}
