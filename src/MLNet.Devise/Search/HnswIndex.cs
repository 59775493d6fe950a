using MLNet.Devise.Search.Graph;
using MLNet.Devise.Search.Scan;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search;

/// <summary>
/// An approximate index for hundreds of thousands of vectors and more: a navigable graph in layers (Malkov and Yashunin 2018,
/// <i>Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs</i>, arXiv:1603.09320).
/// It misses some of the nearest; how many is up to <see cref="SearchOptions.Ef"/>. Vectors added since it was built are looked at one
/// by one until there are some, and are then linked; searches meanwhile see the graph as it was.
/// </summary>
public sealed class HnswIndex : VectorIndex
{
    /// <summary>Candidates at most.</summary>
    internal const int MaxEf = 100_000;

    // Comparing with so many costs less than what a copy of the graph's links costs each of them.
    private const int MostUnlinked = 1024;

    // A candidate costs a walk about as much as so many vectors cost a scan.
    private const int ScannedPerCandidate = 50;

    // A walk misses more among the last of its candidates than among the first: whoever wants all within a distance looks a little farther.
    private const float Margin = 0.02f;

    // Of the candidates that are compared again.
    private const int MostOnStack = 64;

    private readonly GraphEngine _engine;
    private readonly RowScan _scan;

    internal HnswIndex(VectorTable table, VectorIndexOptions options, IndexState state) : base(table, options, state) =>
        (_engine, _scan) = (GraphEngine.Of(table, Kernel), RowScan.Of(Kernel));

    /// <summary>Candidates that a search keeps unless <see cref="SearchOptions.Ef"/> says otherwise, 1 to 100,000; saved with the index.</summary>
    public int Ef
    {
        get => Options.Ef;
        set => Options = (Options with { Ef = value }).Validated();
    }

    /// <summary>Finds the smallest ef that finds a share of the true nearest, on queries such as those to come: words are harder than images among images.</summary>
    /// <param name="queries">Row-major, queries × dimension; a hundred give the share to a few tenths of a percent.</param>
    /// <param name="recall">Share of the true k nearest, above 0, up to 1.</param>
    /// <param name="k">How many neighbours, at least 1.</param>
    /// <returns>What was found; nothing is set.</returns>
    /// <exception cref="DeviseInputException">A query is no unit vector, or a number is out of range.</exception>
    public SearchCalibration Calibrate(ReadOnlyMemory<float> queries, double recall, int k = 10)
    {
        if (!(recall is > 0 and <= 1)) throw new DeviseInputException($"recall: {recall}, expected above 0, up to 1");
        if (queries.Length == 0 || queries.Length % Dimension != 0) throw new DeviseInputException($"queries: {queries.Length} values, expected a multiple of {Dimension}");
        if (k < 1) throw new DeviseInputException($"k: {k}, expected at least 1");
        CheckOpen();
        var (state, count) = (State, queries.Length / Dimension);
        var truth = _scan.NearestAll(Table, state.Rows, queries.Span, count, k, new RowFilter(Table, state, null, null)).Select(rows => rows.Select(row => row.Row).ToHashSet()).ToArray();
        var wanted = truth.Sum(rows => rows.Count);
        if (wanted == 0) return new(Ef, 1, true);
        return SearchCalibration.Find(k, recall, ef => SearchAll(queries, k, new() { Ef = ef }).Zip(truth).Sum(pair => pair.First.Count(hit => pair.Second.Contains(hit.Row))) / (double)wanted);
    }

    /// <summary>Links all rows, into a graph of its own.</summary>
    internal IndexState Linked(IndexState state, Action<int>? progress, CancellationToken cancellation)
    {
        if (state.Graph?.Rows == state.Rows) return state;
        var graph = state.Graph?.Clone() ?? new(Options.M);
        _engine.Extend(graph, state, Options, progress, cancellation);
        return state with { Graph = graph };
    }

    private protected override FoundRow[] Nearest(IndexState state, PaddedQuery query, int k, SearchOptions options, RowFilter filter)
    {
        var wanted = Math.Max(options.Ef ?? Options.Ef, k);
        var graph = state.Graph!;
        for (long ef = wanted; ef * ScannedPerCandidate <= state.Rows;)
        {
            var found = new List<FoundRow>((int)ef);
            _engine.Search(graph, state.Rows, query, (int)ef, found);
            var passed = Passed(graph, found, filter);
            // A filter that lets few pass takes a wider search, so that as many pass as there would be without it.
            if (passed.Count >= Math.Max(k, filter.AcceptsAll ? 1 : wanted / 2)) return Best(query, passed, k, options);
            ef = passed.Count == 0 ? ef * 8 : Math.Max(2 * ef, (long)(1.2 * ef * wanted / passed.Count));
        }
        return _scan.Nearest(Table, state.Rows, query, k, filter);
    }

    private protected override FoundRow[] Within(IndexState state, PaddedQuery query, float minimumCosine, SearchOptions options, RowFilter filter)
    {
        for (long ef = options.Ef ?? Options.Ef; ef * ScannedPerCandidate <= state.Rows; ef *= 4)
        {
            var found = new List<FoundRow>((int)ef);
            // As far as codes may err, so that nothing near enough lies behind the last candidate.
            var behind = Math.Max(Margin, _engine.Search(state.Graph!, state.Rows, query, (int)ef, found));
            if (found.Count < ef || found[^1].Cosine >= minimumCosine - behind) continue;
            return [.. Best(query, Passed(state.Graph!, found, filter), int.MaxValue, new() { Rerank = int.MaxValue }).Where(row => row.Cosine >= minimumCosine)];
        }
        return _scan.Within(Table, state.Rows, query, minimumCosine, filter);
    }

    private protected override IndexState Grown(IndexState state) =>
        state.Rows - state.Graph!.Rows > MostUnlinked ? Linked(state, null, CancellationToken.None) : state;

    private protected override void Settle() => Replace(Linked(State, null, CancellationToken.None));

    private protected override void Free() => _engine.Dispose();

    /// <summary>The rows that pass, each with its twins.</summary>
    private static List<FoundRow> Passed(LayeredGraph graph, List<FoundRow> found, RowFilter filter)
    {
        if (filter.AcceptsAll && graph.Twins.Count == 0) return found;
        var passed = new List<FoundRow>(found.Count);
        foreach (var row in found)
        {
            if (filter.Accepts(row.Row)) passed.Add(row);
            if (graph.Twins.TryGetValue(row.Row, out var twins))
                foreach (var twin in twins)
                    if (filter.Accepts(twin)) passed.Add(row with { Row = twin });
        }
        return passed;
    }

    /// <summary>
    /// How many, nearest first by their codes, may be among the k best: at most twice as many, copies of one vector counting once, and none
    /// so far behind that rounding does not explain it.
    /// </summary>
    private int Likely(List<FoundRow> passed, int k)
    {
        if (passed.Count <= k) return passed.Count;
        var (most, different) = (Math.Max(20, 2L * k), 0);
        // What a row loses by rounding spreads over its values, so a cosine errs by about that over their root; a query's codes lose twice as much.
        var floor = passed[k - 1].Cosine - 20 * Table.Lost / MathF.Sqrt(Dimension);
        for (var likely = 0; likely < passed.Count; likely++)
        {
            if (likely == 0 || passed[likely].Cosine != passed[likely - 1].Cosine) different++;
            if (likely >= k && (different > most || passed[likely].Cosine < floor)) return likely;
        }
        return passed.Count;
    }

    /// <summary>The k best by their floats; of rows found through codes only the likeliest are compared again.</summary>
    private FoundRow[] Best(PaddedQuery query, List<FoundRow> passed, int k, SearchOptions options)
    {
        var compared = Table.Storage == VectorStorage.Fp32 ? k : options.Rerank is { } asked ? Math.Max(k, asked) : Likely(passed, k);
        compared = Math.Min(compared, passed.Count);
        // Asked for all at once: these floats lie anywhere, perhaps on disk, and would be waited for one by one.
        for (var i = 0; i < compared && i < MostOnStack; i++)
        {
            Table.Vectors.Prefetch(passed[i].Row);
            Table.Ids.Prefetch(passed[i].Row);
        }
        Span<ulong> keys = compared <= MostOnStack ? stackalloc ulong[compared] : new ulong[compared];
        for (var i = 0; i < compared; i++) keys[i] = TopK.Key(query.Dot(Table, passed[i].Row, Kernel), passed[i].Row);
        keys.Sort();
        var best = new FoundRow[Math.Min(k, compared)];
        for (var i = 0; i < best.Length; i++) best[i] = new(TopK.Cosine(keys[^(i + 1)]), TopK.Row(keys[^(i + 1)]));
        return best;
    }
}
