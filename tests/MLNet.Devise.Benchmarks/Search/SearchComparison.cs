using System.Globalization;
using MLNet.Devise.Search;

namespace MLNet.Devise.Benchmarks.Search;

/// <summary>
/// Our indices beside hnswlib, on the same vectors in the same run, one thread, CPU time, medians of turns taken one after the other:
/// building, queries a second by recall@10, and exact search beside ONNX Runtime's MatMul and TopK.
/// </summary>
internal static class SearchComparison
{
    public const int K = 10;

    /// <param name="args">FOLDER ROWS [M [parts [storage]]].</param>
    public static int Run(string[] args)
    {
        if (args.Length < 2 || !int.TryParse(args[1], out var rows) || rows is < 1000 or > SearchVectors.MostRows)
        {
            Console.Error.WriteLine("usage: search FOLDER ROWS [M=16 [truth,peer,build,threads,query,memory,exact,plot [fp32|int8]]]; vectors are drawn into FOLDER where it has none");
            return 2;
        }
        var folder = args[0];
        var m = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 16;
        var parts = args.Length > 3 ? args[3].Split(',') : ["truth", "peer", "build", "threads", "query", "memory", "exact", "plot"];
        VectorStorage[] storages = args.Length > 4 ? [Enum.Parse<VectorStorage>(args[4], ignoreCase: true)] : [VectorStorage.Fp32, VectorStorage.Int8];
        SearchVectors.Ensure(folder);
        foreach (var part in parts)
        {
            if (part == "truth") Truth(folder, rows);
            else if (part == "peer") Peer(folder, rows, m);
            else if (part == "build") foreach (var storage in storages) Build(folder, rows, m, storage, 1);
            else if (part == "threads") foreach (var storage in storages) Build(folder, rows, m, storage, Environment.ProcessorCount);
            else if (part == "query") SearchCurves.Run(folder, rows, m, storages, SearchPeer.Compile(folder));
            else if (part == "memory") Memory(folder, rows, m, storages);
            else if (part == "exact") ExactComparison.Run(folder, rows);
            else if (part == "plot") SearchFigure.Draw(folder, Path.Combine(folder, "search.png"));
            else
            {
                Console.Error.WriteLine($"{part}: no such part");
                return 2;
            }
        }
        return 0;
    }

    public static string IndexPath(string folder, int rows, int m, VectorStorage storage) => Path.Combine(folder, $"devise-{rows}-{m}-{storage}.index");

    /// <summary>The true neighbours of each query, K each.</summary>
    public static int[] ReadTruth(string folder, int rows) => [.. File.ReadLines(TruthPath(folder, rows)).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

    public static double Recall(int[] found, int[] truth)
    {
        var hits = 0;
        for (var query = 0; query < truth.Length; query += K) hits += found.AsSpan(query, K).ToArray().Intersect(truth.AsSpan(query, K).ToArray()).Count();
        return hits / (double)truth.Length;
    }

    public static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    public static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static string TruthPath(string folder, int rows) => Path.Combine(folder, $"truth-{rows}.txt");

    private static string[] Ids(int rows) => [.. Enumerable.Range(0, rows).Select(row => $"{row}")];

    private static void Truth(string folder, int rows)
    {
        if (File.Exists(TruthPath(folder, rows))) return;
        using var exact = new ExactIndex(Ids(rows), SearchVectors.Base(folder, rows), SearchVectors.Dimension);
        File.WriteAllLines(TruthPath(folder, rows), exact.SearchAll(SearchVectors.Query(folder), K).SelectMany(hits => hits.Select(hit => $"{hit.Row}")));
    }

    private static void Peer(string folder, int rows, int m)
    {
        if (SearchPeer.Compile(folder) is not { } peer) return;
        var (seconds, bytes) = SearchPeer.Build(peer, folder, rows, m, new VectorIndexOptions().EfConstruction);
        File.WriteAllText(Path.Combine(folder, $"hnswlib-{rows}-{m}.seconds"), seconds.ToString(CultureInfo.InvariantCulture));
        Say($"build {rows,9:N0} hnswlib        {seconds,8:F1} CPU s   {bytes:F0} bytes a vector");
    }

    private static void Build(string folder, int rows, int m, VectorStorage storage, int threads)
    {
        var (ids, vectors) = (Ids(rows), SearchVectors.Base(folder, rows));
        // One small build first, so that the compiler has done its work.
        VectorIndex.Create(ids[..3000], vectors.AsSpan(0, 3000 * SearchVectors.Dimension), SearchVectors.Dimension, new() { Kind = VectorIndexKind.Hnsw, Storage = storage, Threads = threads }).Dispose();
        VectorIndex? index = null;
        var rate = Rate.Of(() =>
        {
            index = VectorIndex.Create(ids, vectors, SearchVectors.Dimension, new() { Kind = VectorIndexKind.Hnsw, Storage = storage, M = m, Threads = threads });
            return rows;
        });
        var peer = Path.Combine(folder, $"hnswlib-{rows}-{m}.seconds");
        var ratio = threads == 1 && File.Exists(peer) ? string.Create(CultureInfo.InvariantCulture, $"   {rate.CpuSeconds / double.Parse(File.ReadAllText(peer), CultureInfo.InvariantCulture):F2} of hnswlib's") : "";
        Say($"build {rows,9:N0} {storage,-4} {threads} thread{(threads == 1 ? " " : "s")} {rate.CpuSeconds,8:F1} CPU s {rate.Seconds,8:F1} s{ratio}   loose {index!.State.Graph!.Loose.Length}, twins {index.State.Graph.Twins.Count}");
        var path = IndexPath(folder, rows, m, storage);
        if (threads == 1 || !File.Exists(path)) index.Save(path);
        else
        {
            using var one = VectorIndex.Open(path);
            Say($"      the same graph as one thread's: {SameGraph(one, index)}");
        }
        index.Dispose();
    }

    private static bool SameGraph(VectorIndex a, VectorIndex b)
    {
        var (x, y) = (a.State.Graph!, b.State.Graph!);
        if ((x.Rows, x.Entry, x.Top, x.Upper.Rows) != (y.Rows, y.Entry, y.Top, y.Upper.Rows)) return false;
        for (var row = 0; row < x.Rows; row++)
            for (var layer = 0; layer <= MLNet.Devise.Search.Graph.LayeredGraph.Level(a.Options.Seed, row, x.M); layer++)
                if (!x.Neighbours(row, layer).SequenceEqual(y.Neighbours(row, layer))) return false;
        return true;
    }

    /// <summary>Anonymous memory that an opened index takes, once searched.</summary>
    private static void Memory(string folder, int rows, int m, VectorStorage[] storages)
    {
        // The smaller one first: memory that was given back would be taken for its own.
        foreach (var storage in storages.OrderDescending())
        {
            var (before, queries) = (Anonymous(), SearchVectors.Query(folder));
            using var index = VectorIndex.Open(IndexPath(folder, rows, m, storage), new() { Loading = IndexLoading.Resident });
            for (var q = 0; q < 200; q++) index.Search(queries.AsSpan(q * SearchVectors.Dimension, SearchVectors.Dimension), K);
            Say($"memory {rows,9:N0} {storage,-4} {(Anonymous() - before) / rows:F0} bytes a vector, of {new FileInfo(IndexPath(folder, rows, m, storage)).Length / (double)rows:F0} in the file");
        }
    }

    private static double Anonymous()
    {
        if (!OperatingSystem.IsLinux()) return double.NaN;
        GC.Collect();
        return 1024 * double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
