using MLNet.Devise.Search;

namespace MLNet.Devise.Benchmarks.Search;

/// <summary>Queries a second by recall@10, over a range of ef.</summary>
internal static class SearchCurves
{
    private const int Turns = 5;
    private static readonly int[] Efs = [10, 14, 20, 28, 40, 60, 80, 120, 160, 240, 320, 480];

    public static void Run(string folder, int rows, int m, VectorStorage[] storages, string? program)
    {
        var (queries, truth) = (SearchVectors.Query(folder), SearchComparison.ReadTruth(folder, rows));
        var indices = storages.ToDictionary(storage => storage.ToString().ToLowerInvariant(), storage => VectorIndex.Open(SearchComparison.IndexPath(folder, rows, m, storage), new() { Loading = IndexLoading.Resident }));
        using var peer = SearchPeer.Serve(program, folder, rows, m, SearchComparison.K);
        var ways = indices.ToDictionary(pair => pair.Key, pair => (Func<int, (double Seconds, int[] Ids)>)(ef => Ours(pair.Value, queries, ef)));
        if (peer is not null) ways["hnswlib"] = peer.Search;
        var curves = ways.Keys.ToDictionary(name => name, _ => new List<(double Recall, double Rate)>());
        foreach (var way in ways.Values)
            for (var i = 0; i < 3; i++) way(80);
        foreach (var ef in Efs)
        {
            var seconds = ways.Keys.ToDictionary(name => name, _ => new List<double>());
            var recall = new Dictionary<string, double>();
            for (var turn = 0; turn < Turns; turn++)
                foreach (var (name, way) in ways)
                {
                    var (time, ids) = way(ef);
                    seconds[name].Add(time);
                    recall[name] = SearchComparison.Recall(ids, truth);
                }
            foreach (var name in ways.Keys)
            {
                var rate = SearchVectors.Queries / SearchComparison.Median(seconds[name]);
                curves[name].Add((recall[name], rate));
                SearchComparison.Say($"query {rows,9:N0} {name,-8} ef {ef,4} recall {recall[name]:F4} {rate,8:F0} queries/s");
            }
            if (curves.Values.All(curve => curve[^1].Recall > 0.998)) break;
        }
        File.WriteAllLines(Path.Combine(folder, $"curve-{rows}.csv"), curves.SelectMany(curve => curve.Value.Select(point => FormattableString.Invariant($"{curve.Key},{point.Recall:F4},{point.Rate:F0}"))));
        foreach (var index in indices.Values) index.Dispose();
        if (peer is null) return;
        foreach (var target in (double[])[0.95, 0.98, 0.99, 0.995])
            foreach (var name in indices.Keys)
                SearchComparison.Say($"at recall {target:F3} {rows,9:N0} {name}: {At(curves[name], target):F0} queries/s, {At(curves[name], target) / At(curves["hnswlib"], target):F2} times hnswlib's {At(curves["hnswlib"], target):F0}");
    }

    private static (double Seconds, int[] Ids) Ours(VectorIndex index, float[] queries, int ef)
    {
        var (ids, options) = (new int[SearchVectors.Queries * SearchComparison.K], new SearchOptions { Ef = ef });
        var before = ThreadTime.Now;
        for (var query = 0; query < SearchVectors.Queries; query++)
        {
            var hits = index.Search(queries.AsSpan(query * SearchVectors.Dimension, SearchVectors.Dimension), SearchComparison.K, options);
            for (var place = 0; place < hits.Count; place++) ids[query * SearchComparison.K + place] = hits[place].Row;
        }
        return (ThreadTime.Since(ref before) / 1000, ids);
    }

    /// <summary>The rate at a recall, between the two points around it: straight in recall and the logarithm of the rate.</summary>
    private static double At(List<(double Recall, double Rate)> curve, double recall)
    {
        for (var i = 1; i < curve.Count; i++)
        {
            var (low, high) = (curve[i - 1], curve[i]);
            if (low.Recall > recall || high.Recall < recall) continue;
            var share = high.Recall == low.Recall ? 0 : (recall - low.Recall) / (high.Recall - low.Recall);
            return Math.Exp(Math.Log(low.Rate) * (1 - share) + Math.Log(high.Rate) * share);
        }
        return curve[0].Recall > recall ? curve[0].Rate : double.NaN;
    }
}
