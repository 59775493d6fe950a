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

    private readonly int* _rows = (int*)NativeMemory.AlignedAlloc(Together * 128 * sizeof(int), 64);
    private readonly float* _cosines = (float*)NativeMemory.AlignedAlloc(Together * 128 * sizeof(float), 64);
    private ushort* _visited;
    private int _visitedRows, _poolRoom;
    private ushort _epoch;

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
        NextEpoch();
        if (graph.Entry < 0) return;
        if ((uint)graph.Entry >= (uint)graph.Rows) throw Damaged();
        var (row, best) = (graph.Entry, Metric.Similarity(graph.Entry));
        // What was not nearer once is not nearer later: the marks of one layer hold on the next.
        for (var above = graph.Top; above > layer; above--)
            for (var moved = true; moved;)
            {
                moved = false;
                var fresh = Gather(graph, graph.Links(row, above), graph.M, 0);
                Metric.Similarities(_rows, fresh, _cosines);
                for (var i = 0; i < fresh; i++)
                    if (_cosines[i] > best) (best, row, moved) = (_cosines[i], _rows[i], true);
            }
        (Pool[0], Count) = (Key(best, row), 1);
    }

    /// <summary>From the candidates there are, follows links on a layer until none leads nearer.</summary>
    public void Follow(LayeredGraph graph, int layer, int ef)
    {
        NextEpoch();
        var pool = Pool;
        var (count, capacity) = (Count, graph.Capacity(layer));
        for (var i = 0; i < count; i++)
        {
            pool[i] &= ~1ul;
            _visited[Row(pool[i])] = _epoch;
        }
        for (var next = 0; ;)
        {
            var (fresh, taken) = (0, 0);
            for (; next < count && taken < Together; next++)
            {
                if ((pool[next] & 1) != 0) continue;
                pool[next] |= 1;
                taken++;
                fresh = Gather(graph, graph.Links(Row(pool[next]), layer), capacity, fresh);
            }
            if (taken == 0) break;
            Metric.Similarities(_rows, fresh, _cosines);
            for (var i = 0; i < fresh; i++)
            {
                var key = Key(_cosines[i], _rows[i]);
                if (count == ef)
                {
                    if (key >= pool[count - 1]) continue;
                }
                else count++;
                var place = Insert(pool, count, key);
                if (place < next) next = place;
                if (layer == 0 && Sse.IsSupported) PrefetchLinks(graph, _rows[i]);
            }
        }
        Count = count;
    }

    /// <summary>Makes a row a candidate, unless the walk came to it.</summary>
    public void Offer(int row, int ef)
    {
        if (row < _visitedRows && _visited[row] == _epoch) return;
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

    private static DeviseInputException Damaged() => new("the index names a vector that it does not have: its file is damaged; build it again");

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

    /// <summary>Lists the links that were not looked at yet, behind those listed before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Gather(LayeredGraph graph, int* links, int capacity, int listed)
    {
        if (links is null) return listed;
        var visited = _visited;
        var rows = _rows;
        var (epoch, all) = (_epoch, graph.Rows);
        for (var i = 0; i < capacity; i++)
        {
            var row = links[i];
            if ((uint)row >= (uint)all)
            {
                if (row == -1) break;
                throw Damaged();
            }
            if (visited[row] == epoch) continue;
            visited[row] = epoch;
            rows[listed++] = row;
            Metric.Prefetch(row);
        }
        return listed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchLinks(LayeredGraph graph, int row)
    {
        var links = graph.Ground.Row(row);
        Sse.Prefetch0(links);
        Sse.Prefetch0(links + 64);
    }

    private void NextEpoch()
    {
        if (++_epoch != 0) return;
        new Span<ushort>(_visited, _visitedRows).Clear();
        _epoch = 1;
    }

    private void MakeRoom(int rows, int ef)
    {
        if (rows > _visitedRows)
        {
            NativeMemory.Free(_visited);
            _visitedRows = rows + rows / 4;
            _visited = (ushort*)NativeMemory.AllocZeroed((nuint)_visitedRows, sizeof(ushort));
            _epoch = 0;
        }
        if (ef + 1 <= _poolRoom) return;
        _poolRoom = Math.Max(256, ef + 1);
        NativeMemory.Free(Pool);
        Pool = (ulong*)NativeMemory.Alloc((nuint)_poolRoom, sizeof(ulong));
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_cosines);
        NativeMemory.Free(_visited);
        NativeMemory.Free(Pool);
        Metric.Free();
    }
}
