using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using MLNet.Devise.Search.Kernels;

namespace MLNet.Devise.Search.Graph;

/// <summary>
/// Walks a graph towards a query; the memory of one walk at a time, used again by the next. Candidates lie in one sorted array of keys:
/// 2 − cosine as its bits, then the row, then whether its links were followed.
/// </summary>
internal sealed unsafe class Walker<TMetric> : IDisposable where TMetric : struct, IMetric
{
    // Candidates whose links are followed together: memory answers for one while another is computed.
    private const int Together = 2;

    private readonly float* _cosines = (float*)NativeMemory.AlignedAlloc(Together * 128 * sizeof(float), 64);
    // A bit for each row that the walk came to, few enough for a near cache, and the list of these rows.
    private ulong* _visited;
    private int* _seen;
    private int _rows, _seenCount, _seenRoom, _poolRoom;

    public TMetric Metric;

    public Walker(TMetric metric) => Metric = metric;

    ~Walker() => Free();

    /// <summary>Candidates, nearest first.</summary>
    public ulong* Pool { get; private set; }

    public int Count { get; private set; }

    public static int Row(ulong key) => (int)((uint)key >> 1);

    public static float Cosine(ulong key) => 2 - BitConverter.UInt32BitsToSingle((uint)(key >> 32));

    public static ulong Key(float cosine, int row) => (ulong)BitConverter.SingleToUInt32Bits(2 - cosine) << 32 | (uint)row << 1;

    /// <summary>Finds about the <paramref name="ef"/> nearest on the lowest layer.</summary>
    public void Search(LayeredGraph graph, int ef)
    {
        Start(graph, 0, ef);
        if (graph.Entry >= 0) Follow(graph, 0, ef);
    }

    /// <summary>Goes down from the entry to the nearest row found above a layer, which becomes the only candidate.</summary>
    public void Start(LayeredGraph graph, int layer, int ef)
    {
        MakeRoom(graph.Rows, ef);
        Count = 0;
        Forget();
        if (graph.Entry < 0) return;
        if ((uint)graph.Entry >= (uint)graph.Rows) throw Reachability.Damaged();
        var (row, best) = (graph.Entry, Metric.Similarity(graph.Entry));
        // What was not nearer once is not nearer later: the marks of one layer hold on the next.
        for (var above = graph.Top; above > layer; above--)
            for (var moved = true; moved;)
            {
                moved = false;
                var first = _seenCount;
                Gather(graph, graph.Links(row, above), graph.M);
                var fresh = _seenCount - first;
                var rows = _seen + first;
                Metric.Similarities(rows, fresh, _cosines);
                for (var i = 0; i < fresh; i++)
                    if (_cosines[i] > best) (best, row, moved) = (_cosines[i], rows[i], true);
            }
        (Pool[0], Count) = (Key(best, row), 1);
    }

    /// <summary>From the candidates there are, follows links on a layer until none leads nearer.</summary>
    public void Follow(LayeredGraph graph, int layer, int ef)
    {
        Forget();
        var pool = Pool;
        var (count, capacity) = (Count, graph.Capacity(layer));
        for (var i = 0; i < count; i++)
        {
            pool[i] &= ~1ul;
            See(Row(pool[i]));
        }
        for (var next = 0; ;)
        {
            var (first, taken) = (_seenCount, 0);
            for (; next < count && taken < Together; next++)
            {
                if ((pool[next] & 1) != 0) continue;
                pool[next] |= 1;
                taken++;
                Gather(graph, graph.Links(Row(pool[next]), layer), capacity);
            }
            if (taken == 0) break;
            var fresh = _seenCount - first;
            var rows = _seen + first;
            Metric.Similarities(rows, fresh, _cosines);
            for (var i = 0; i < fresh; i++)
            {
                var key = Key(_cosines[i], rows[i]);
                if (count == ef)
                {
                    if (key >= pool[count - 1]) continue;
                }
                else count++;
                var place = Insert(pool, count, key);
                if (place < next) next = place;
                if (layer == 0 && Sse.IsSupported) PrefetchLinks(graph, rows[i]);
            }
        }
        Count = count;
    }

    /// <summary>Makes a row a candidate, unless the walk came to it.</summary>
    public void Offer(int row, int ef)
    {
        if (row < _rows && (_visited[row >>> 6] >> row & 1) != 0) return;
        var key = Key(Metric.Similarity(row), row) | 1;
        if (Count == ef && key >= Pool[Count - 1]) return;
        if (Count < ef) Count++;
        Insert(Pool, Count, key);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts a key into its place among count − 1 others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Insert(ulong* pool, int count, ulong key)
    {
        var (low, high) = (0, count - 1);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (pool[middle] < key) low = middle + 1;
            else high = middle;
        }
        Buffer.MemoryCopy(pool + low, pool + low + 1, 8L * (count - 1 - low), 8L * (count - 1 - low));
        pool[low] = key;
        return low;
    }

    /// <summary>Appends the links that were not looked at yet to the rows that were seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Gather(LayeredGraph graph, int* links, int capacity)
    {
        if (links is null) return;
        if (_seenCount + capacity > _seenRoom) MakeRoomToSee(capacity);
        var (first, all) = (_seenCount, graph.Rows);
        var visited = _visited;
        int* next = _seen + first, begin = next;
        for (var i = 0; i < capacity; i++)
        {
            var row = links[i];
            if ((uint)row >= (uint)all)
            {
                if (row == -1) break;
                throw Reachability.Damaged();
            }
            // Whether it was seen cannot be foreseen, so there is no branch: one that was is written over by the next.
            var word = visited[row >>> 6];
            visited[row >>> 6] = word | 1ul << row;
            *next = row;
            next += (int)(~word >> row & 1);
        }
        _seenCount = first + (int)(next - begin);
        for (; begin < next; begin++) Metric.Prefetch(*begin);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchLinks(LayeredGraph graph, int row)
    {
        var links = graph.Ground.Row(row);
        Sse.Prefetch0(links);
        Sse.Prefetch0(links + 64);
    }

    private void See(int row)
    {
        if ((_visited[row >>> 6] >> row & 1) != 0) return;
        if (_seenCount == _seenRoom) MakeRoomToSee(1);
        _visited[row >>> 6] |= 1ul << row;
        _seen[_seenCount++] = row;
    }

    private void Forget()
    {
        for (var i = 0; i < _seenCount; i++) _visited[_seen[i] >>> 6] = 0;
        _seenCount = 0;
    }

    private void MakeRoomToSee(int more)
    {
        _seenRoom = Math.Max(_seenCount + more, Math.Max(1024, 2 * _seenRoom));
        _seen = (int*)NativeMemory.Realloc(_seen, (nuint)_seenRoom * sizeof(int));
    }

    private void MakeRoom(int rows, int ef)
    {
        if (rows > _rows)
        {
            Forget();
            // Freed only when there is another: memory may have run out.
            var (room, older) = (rows + rows / 4, (nuint)_visited);
            _visited = (ulong*)NativeMemory.AllocZeroed((nuint)(room >>> 6) + 1, sizeof(ulong));
            _rows = room;
            NativeMemory.Free((void*)older);
        }
        if (ef + 1 <= _poolRoom) return;
        var candidates = Math.Max(256, ef + 1);
        Pool = (ulong*)NativeMemory.Realloc(Pool, (nuint)candidates * sizeof(ulong));
        _poolRoom = candidates;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_cosines);
        NativeMemory.Free(_visited);
        NativeMemory.Free(_seen);
        NativeMemory.Free(Pool);
        Metric.Free();
    }
}
