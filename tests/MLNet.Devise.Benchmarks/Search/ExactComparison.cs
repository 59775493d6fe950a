using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Onnx;
using MLNet.Devise.Search;

namespace MLNet.Devise.Benchmarks.Search;

/// <summary>Exact search: one query beside what memory can give, batches beside ONNX Runtime's MatMul and TopK.</summary>
internal static class ExactComparison
{
    private const int Turns = 5, Singles = 50, ChunkRows = 20_000;

    public static void Run(string folder, int rows)
    {
        var (vectors, queries, truth) = (SearchVectors.Base(folder, rows), SearchVectors.Query(folder), SearchComparison.ReadTruth(folder, rows));
        string[] ids = [.. Enumerable.Range(0, rows).Select(row => $"{row}")];
        using var fp32 = new ExactIndex(ids, vectors, SearchVectors.Dimension);
        using var int8 = VectorIndex.Create(ids, vectors, SearchVectors.Dimension, new() { Kind = VectorIndexKind.Exact });
        var bandwidth = SearchComparison.Median(Enumerable.Range(0, Turns).Select(_ => Bandwidth(vectors)));
        SearchComparison.Say($"exact {rows,9:N0} memory gives {bandwidth:F1} GB/s");
        foreach (var (name, index, bytes) in new (string, VectorIndex, double)[] { ("fp32", fp32, fp32.Rows.Vectors.Stride), ("int8", int8, int8.Rows.Codes!.Stride) })
        {
            var (seconds, found) = Times(Turns, Singles, query => index.Search(queries.AsSpan(query * SearchVectors.Dimension, SearchVectors.Dimension), SearchComparison.K));
            var recall = SearchComparison.Recall(found, truth[..(Singles * SearchComparison.K)]);
            var each = seconds / Singles;
            SearchComparison.Say($"exact {rows,9:N0} {name} one query {1000 * each:F3} ms, {1e9 * each / rows:F1} ns a vector, {bytes * rows / each / 1e9:F1} GB/s = {bytes * rows / each / 1e9 / bandwidth:P0} of what memory gives, recall {recall:F4}");
        }
        Batch(fp32, vectors, queries, rows, truth);
    }

    private static void Batch(ExactIndex index, float[] vectors, float[] queries, int rows, int[] truth)
    {
        var sessions = Enumerable.Range(0, (rows + ChunkRows - 1) / ChunkRows).Select(chunk => Session(vectors, chunk * ChunkRows, Math.Min(ChunkRows, rows - chunk * ChunkRows))).ToArray();
        using var input = OrtValue.CreateTensorValueFromMemory(queries, [SearchVectors.Queries, SearchVectors.Dimension]);
        var (ours, theirs, found) = (new List<double>(), new List<double>(), Array.Empty<int>());
        for (var turn = 0; turn < Turns; turn++)
        {
            var before = ThreadTime.Now;
            found = [.. index.SearchAll(queries, SearchComparison.K, new() { Threads = 1 }).SelectMany(hits => hits.Select(hit => hit.Row))];
            ours.Add(ThreadTime.Since(ref before) / 1000);
            foreach (var session in sessions)
            {
                using var options = new RunOptions();
                using var best = session.Run(options, new Dictionary<string, OrtValue> { ["queries"] = input }, session.OutputNames);
            }
            theirs.Add(ThreadTime.Since(ref before) / 1000);
        }
        foreach (var session in sessions) session.Dispose();
        var (a, b) = (SearchComparison.Median(ours), SearchComparison.Median(theirs));
        SearchComparison.Say($"exact {rows,9:N0} fp32 batch of {SearchVectors.Queries}: {1e9 * a / rows / SearchVectors.Queries:F2} ns a pair, recall {SearchComparison.Recall(found, truth):F4}; ONNX Runtime MatMul + TopK {1e9 * b / rows / SearchVectors.Queries:F2} ns: {b / a:F2} times as fast");
    }

    /// <summary>Queries times some rows, as a constant that ONNX Runtime may pack beforehand, and the best ten.</summary>
    private static InferenceSession Session(float[] vectors, int first, int rows)
    {
        var columns = new float[SearchVectors.Dimension * rows];
        for (var row = 0; row < rows; row++)
            for (var d = 0; d < SearchVectors.Dimension; d++) columns[d * rows + row] = vectors[(first + row) * SearchVectors.Dimension + d];
        var graph = new GraphBuilder("exact");
        var product = graph.Node("MatMul", [graph.Input("queries", SearchVectors.Queries, SearchVectors.Dimension), graph.Constant("rows", columns, SearchVectors.Dimension, rows)]);
        graph.Node("TopK", [product, graph.Constant("k", [(long)SearchComparison.K], 1)], ["cosines", "best"], [("axis", -1L), ("largest", 1L), ("sorted", 1L)]);
        graph.Output("cosines", TensorProto.Types.DataType.Float, SearchVectors.Queries, SearchComparison.K);
        graph.Output("best", TensorProto.Types.DataType.Int64, SearchVectors.Queries, SearchComparison.K);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        return new(Google.Protobuf.MessageExtensions.ToByteArray(graph.Build()), options);
    }

    private static (double Seconds, int[] Found) Times(int turns, int queries, Func<int, IReadOnlyList<SearchHit>> search)
    {
        var (times, found) = (new List<double>(), new int[queries * SearchComparison.K]);
        for (var turn = 0; turn < turns; turn++)
        {
            var before = ThreadTime.Now;
            for (var query = 0; query < queries; query++)
                foreach (var (hit, place) in search(query).Select((hit, place) => (hit, place))) found[query * SearchComparison.K + place] = hit.Row;
            times.Add(ThreadTime.Since(ref before) / 1000);
        }
        return (SearchComparison.Median(times), found);
    }

    /// <summary>GB/s of reading once through, four streams of vectors at a time.</summary>
    private static double Bandwidth(float[] values)
    {
        var (width, before) = (Vector<float>.Count, ThreadTime.Now);
        var (a, b, c, d) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        for (var i = 0; i <= values.Length - 4 * width; i += 4 * width)
        {
            a += new Vector<float>(values, i);
            b += new Vector<float>(values, i + width);
            c += new Vector<float>(values, i + 2 * width);
            d += new Vector<float>(values, i + 3 * width);
        }
        var seconds = ThreadTime.Since(ref before) / 1000;
        return float.IsNaN(Vector.Sum(a + b + c + d)) ? double.NaN : values.Length * 4.0 / seconds / 1e9;
    }
}
