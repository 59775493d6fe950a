using MLNet.Devise.Data;
using MLNet.Devise.Search.Files;
using MLNet.Devise.Search.Graph;
using MLNet.Devise.Search.Kernels;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search;

/// <summary>An index in this process: built from vectors, or opened from a file.</summary>
public abstract class VectorIndex : IVectorIndex
{
    private readonly Lock _writing = new();
    // Ids are looked up by searches too, which must not wait until new vectors are linked.
    private readonly Lock _naming = new();
    private volatile IndexState _state;
    private bool _disposed;

    private protected VectorIndex(VectorTable table, VectorIndexOptions options, IndexState state) => (Table, Options, _state) = (table, options, state);

    /// <inheritdoc/>
    public int Dimension => Table.Dimension;

    /// <inheritdoc/>
    public int Count => _state.Live;

    /// <summary>Places taken by removed and replaced vectors, until the index is rebuilt.</summary>
    public int Removed => _state.Removed.Count;

    /// <summary>Whether so many vectors were removed that <see cref="Rebuild"/> would make searches notably faster: over a fifth.</summary>
    public bool RebuildAdvised => _state is { Rows: var rows, Removed.Count: var removed } && removed > rows / 5;

    /// <summary>How the index was built.</summary>
    public VectorIndexOptions Options { get; private protected set; }

    /// <summary>What made the vectors, so that text and images can be embedded for a search; <see langword="null"/> where it was not said.</summary>
    /// <exception cref="DeviseInputException">It cannot be kept: its labels have vectors of another dimension, or one has no name; the bundle's path is none.</exception>
    public IndexModel? Model
    {
        get;
        set => field = value?.Validated(Dimension);
    }

    /// <summary>Ids of the vectors that can be found, in the order in which they were added.</summary>
    public IEnumerable<string> Ids
    {
        get
        {
            var state = _state;
            for (var row = 0; row < state.Rows; row++)
            {
                // Whoever takes them one by one may have disposed the index, and unmapped its file, in between.
                CheckOpen();
                if (!state.Removed[row]) yield return Table.Ids[row];
            }
        }
    }

    private protected VectorTable Table { get; }

    internal VectorTable Rows => Table;

    internal IndexState State => _state;

    /// <summary>Compares the whole file that this was opened from with its checksums; null where there is none, or it was done.</summary>
    internal Action? Unverified { get; set; }

    private protected KernelKind Kernel => Options.Kernel ?? KernelKinds.Best;

    /// <summary>Builds an index.</summary>
    /// <param name="ids">One id a vector, each once, none empty.</param>
    /// <param name="vectors">Row-major, ids × dimension, each row of length 1; copied.</param>
    /// <param name="dimension">Values a vector.</param>
    /// <param name="options">Kind, storage, effort; <see langword="null"/> for the defaults.</param>
    /// <exception cref="DeviseInputException">The sizes do not fit together, an id comes twice, or a row has not length 1.</exception>
    public static VectorIndex Create(IReadOnlyList<string> ids, ReadOnlySpan<float> vectors, int dimension, VectorIndexOptions? options = null)
    {
        options = (options ?? new()).Validated();
        return Over(Filled(ids, vectors, dimension, options.Storage), options, RowBits.None, null, null, CancellationToken.None);
    }

    /// <summary>Builds an index from vectors as they come, without holding them twice.</summary>
    /// <param name="vectors">Ids and unit vectors; of an id that comes twice the last vector counts.</param>
    /// <param name="dimension">Values a vector.</param>
    /// <param name="options">Kind, storage, effort; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Told how many vectors are linked; <see langword="null"/> for nobody.</param>
    /// <param name="cancellation">Ends the work with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DeviseInputException">A vector has another dimension or not length 1, or an id is empty.</exception>
    public static VectorIndex Create(IEnumerable<(string Id, ReadOnlyMemory<float> Vector)> vectors, int dimension, VectorIndexOptions? options = null, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        options = (options ?? new()).Validated();
        var table = new VectorTable(NewVectors.CheckedDimension(dimension), options.Storage);
        var replaced = new List<int>();
        foreach (var (id, vector) in vectors)
        {
            cancellation.ThrowIfCancellationRequested();
            NewVectors.Check([id], vector.Span, dimension);
            if (table.Ids.Find(id) is >= 0 and var older) replaced.Add(older);
            table.Append([id], vector.Span);
        }
        return Over(table, options, RowBits.None.With(replaced), null, progress, cancellation);
    }

    /// <summary>Opens an index file.</summary>
    /// <param name="path">A file that <see cref="Save(string)"/> wrote.</param>
    /// <param name="options">Whether to read all of it; <see langword="null"/> for the defaults, which leave it on disk and read what searches touch.</param>
    /// <exception cref="DeviseInputException">No index file, one of a newer version, or a damaged one.</exception>
    public static VectorIndex Open(string path, IndexOpenOptions? options = null) => IndexFile.Open(path, options ?? new());

    /// <summary>Writes the index to a file, which appears whole or not at all. Vectors added or removed meanwhile wait.</summary>
    /// <param name="path">The file; an older one there is replaced.</param>
    /// <exception cref="DeviseInputException">The path cannot be written to, the names of the labels are too long for a file, or the file that this index was opened from is damaged.</exception>
    public void Save(string path) => Save(path, null);

    /// <inheritdoc cref="Save(string)"/>
    /// <param name="path">The file.</param>
    /// <param name="written">Called with the whole file aside, before it takes its place.</param>
    internal void Save(string path, Action<string>? written)
    {
        lock (_writing)
        {
            CheckOpen();
            Verify();
            Settle();
            IndexFile.Save(this, path, written);
        }
    }

    /// <summary>Builds the same anew from the vectors that can be found: removed ones are gone for good, and a graph is as good as a fresh one.</summary>
    /// <param name="options">Kind, storage, effort; <see langword="null"/> for this index's own.</param>
    /// <param name="progress">Told how many vectors are linked; <see langword="null"/> for nobody.</param>
    /// <param name="cancellation">Ends the work with <see cref="OperationCanceledException"/>.</param>
    /// <returns>Another index; this one stays as it is.</returns>
    /// <exception cref="DeviseInputException">The file that this index was opened from is damaged.</exception>
    public VectorIndex Rebuild(VectorIndexOptions? options = null, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        CheckOpen();
        Verify();
        var state = _state;
        var rebuilt = Create(Live(state), Dimension, options ?? Options, progress, cancellation);
        rebuilt.Model = Model;
        GC.KeepAlive(this);
        return rebuilt;
    }

    /// <inheritdoc/>
    public IReadOnlyList<SearchHit> Search(ReadOnlySpan<float> query, int k, SearchOptions? options = null)
    {
        var chosen = Begin(query, k, options);
        var (state, filter) = Filtered(chosen);
        return Hits(state, query, k, chosen, filter);
    }

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<SearchHit>> SearchAll(ReadOnlyMemory<float> queries, int k, SearchOptions? options = null)
    {
        if (queries.Length % Dimension != 0) throw new DeviseInputException($"queries: {queries.Length} values, expected a multiple of {Dimension}");
        var count = queries.Length / Dimension;
        for (var i = 0; i < count; i++) Begin(queries.Span.Slice(i * Dimension, Dimension), k, options);
        if (count == 0) return [];
        var chosen = (options ?? SearchOptions.Default).Validated();
        var (state, filter) = Filtered(chosen);
        return NearestAll(state, queries, count, k, chosen, filter);
    }

    /// <inheritdoc/>
    public IReadOnlyList<SearchHit> SearchWithin(ReadOnlySpan<float> query, float minimumCosine, SearchOptions? options = null)
    {
        if (!(minimumCosine is >= -1 and <= 1)) throw new DeviseInputException($"minimum cosine: {minimumCosine}, expected −1 to 1");
        var chosen = Begin(query, 1, options);
        var (state, filter) = Filtered(chosen);
        using var padded = new PaddedQuery(query, Table.RowFloats);
        return Finish(filter.Among is { } rows ? Listed(padded, rows, filter, Math.Max(1, rows.Count), minimumCosine) : Within(state, padded, minimumCosine, chosen, filter));
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<string> ids, ReadOnlySpan<float> vectors)
    {
        ArgumentNullException.ThrowIfNull(ids);
        NewVectors.Check(ids, vectors, Dimension);
        if (ids.Count == 0) return;
        lock (_writing)
        {
            CheckOpen();
            lock (_naming)
            {
                var replaced = ids.Select(Table.Ids.Find).Where(row => row >= 0).ToArray();
                Table.Append(ids, vectors);
                _state = _state with { Rows = Table.Ids.Count, Removed = _state.Removed.With(replaced) };
            }
            _state = Grown(_state);
        }
    }

    /// <inheritdoc/>
    public int Remove(IEnumerable<string> ids)
    {
        lock (_writing)
        {
            CheckOpen();
            var state = _state;
            var rows = ids.Select(Table.Ids.Find).Where(row => row >= 0 && !state.Removed[row]).ToHashSet();
            _state = state with { Removed = state.Removed.With(rows) };
            return rows.Count;
        }
    }

    /// <inheritdoc/>
    public bool TryGet(string id, Span<float> vector)
    {
        if (vector.Length != Dimension) throw new DeviseInputException($"{vector.Length} values, expected room for {Dimension}");
        lock (_naming)
        {
            CheckOpen();
            if (Table.Ids.Find(id) is not (>= 0 and var row) || _state.Removed[row]) return false;
            Table.Vector(row).CopyTo(vector);
            GC.KeepAlive(this);
            return true;
        }
    }

    /// <summary>Frees memory and file; searches must have ended.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            if (_disposed) return;
            _disposed = true;
            Free();
            _state.Graph?.Dispose();
            Table.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>The right kind of index over a filled table; a graph that is not given is built.</summary>
    internal static VectorIndex Over(VectorTable table, VectorIndexOptions options, RowBits removed, LayeredGraph? graph, Action<int>? progress, CancellationToken cancellation)
    {
        var kind = options.Kind != VectorIndexKind.Auto ? options.Kind : table.Ids.Count > VectorIndexOptions.ExactUpTo ? VectorIndexKind.Hnsw : VectorIndexKind.Exact;
        var state = new IndexState(table.Ids.Count, removed, graph);
        if (kind == VectorIndexKind.Exact) return new ExactIndex(table, options with { Kind = kind }, state);
        var index = new HnswIndex(table, options with { Kind = kind }, state);
        index.Replace(index.Linked(state, progress, cancellation));
        return index;
    }

    /// <summary>The best k rows that pass, best first.</summary>
    private protected abstract FoundRow[] Nearest(IndexState state, PaddedQuery query, int k, SearchOptions options, RowFilter filter);

    /// <summary>All rows that pass and are near enough, best first.</summary>
    private protected abstract FoundRow[] Within(IndexState state, PaddedQuery query, float minimumCosine, SearchOptions options, RowFilter filter);

    /// <summary>What <see cref="Nearest"/> finds, for many queries.</summary>
    private protected virtual IReadOnlyList<SearchHit>[] NearestAll(IndexState state, ReadOnlyMemory<float> queries, int count, int k, SearchOptions options, RowFilter filter)
    {
        var found = new IReadOnlyList<SearchHit>[count];
        ParallelLoop.Run(count, options.Threads ?? Environment.ProcessorCount, i => found[i] = Hits(state, queries.Span.Slice(i * Dimension, Dimension), k, options, filter));
        return found;
    }

    /// <summary>The state to show once rows were appended.</summary>
    private protected virtual IndexState Grown(IndexState state) => state;

    /// <summary>Links what is not linked yet, before a file is written.</summary>
    private protected virtual void Settle() { }

    /// <summary>Frees what a kind of index has of its own.</summary>
    private protected virtual void Free() { }

    private protected static VectorTable Filled(IReadOnlyList<string> ids, ReadOnlySpan<float> vectors, int dimension, VectorStorage storage)
    {
        NewVectors.Check(ids, vectors, dimension);
        var table = new VectorTable(NewVectors.CheckedDimension(dimension), storage);
        table.Append(ids, vectors);
        return table;
    }

    private protected void Replace(IndexState state) => _state = state;

    /// <summary>What a search looks at. Ids are those of the very state: of an earlier one, a vector replaced in between would be found by neither row.</summary>
    private protected (IndexState State, RowFilter Filter) Filtered(SearchOptions options)
    {
        var state = _state;
        HashSet<int>? among = null;
        if (options.Among is { } ids)
            lock (_naming)
            {
                among = [.. ids.Select(Table.Ids.Find)];
                state = _state;
            }
        among?.RemoveWhere(row => row < 0 || row >= state.Rows);
        return (state, new(Table, state, options.Where, among));
    }

    private protected SearchHit[] Finish(FoundRow[] rows)
    {
        var hits = new SearchHit[rows.Length];
        for (var i = 0; i < rows.Length; i++) hits[i] = new(rows[i].Row, Table.Ids[rows[i].Row], rows[i].Cosine);
        GC.KeepAlive(this);
        return hits;
    }

    private SearchHit[] Hits(IndexState state, ReadOnlySpan<float> query, int k, SearchOptions options, RowFilter filter)
    {
        using var padded = new PaddedQuery(query, Table.RowFloats);
        return Finish(filter.Among is { } rows && (rows.Count <= 1000 || rows.Count < state.Rows / 50)
            ? Listed(padded, rows, filter, k, -2)
            : Nearest(state, padded, k, options, filter));
    }

    private FoundRow[] Listed(PaddedQuery query, HashSet<int> rows, RowFilter filter, int k, float minimum)
    {
        var best = new TopK(Math.Clamp(k, 1, Math.Max(1, rows.Count)));
        foreach (var row in rows)
            if (query.Dot(Table, row, Kernel) is var cosine && cosine >= minimum && filter.Accepts(row)) best.Add(cosine, row);
        return best.ToFound();
    }

    private IEnumerable<(string Id, ReadOnlyMemory<float> Vector)> Live(IndexState state)
    {
        var vector = new float[Dimension];
        for (var row = 0; row < state.Rows; row++)
        {
            CheckOpen();
            if (state.Removed[row]) continue;
            Table.Vector(row).CopyTo(vector);
            yield return (Table.Ids[row], vector);
        }
    }

    /// <summary>What is written anew gets checksums of its own: damage must not be given good ones.</summary>
    private void Verify()
    {
        Unverified?.Invoke();
        Unverified = null;
    }

    private SearchOptions Begin(ReadOnlySpan<float> query, int k, SearchOptions? options)
    {
        CheckOpen();
        if (k < 1) throw new DeviseInputException($"k: {k}, expected at least 1");
        UnitVectors.Check(query, Dimension, "search", "query");
        return (options ?? SearchOptions.Default).Validated();
    }

    private protected void CheckOpen() => ObjectDisposedException.ThrowIf(_disposed, this);
}
