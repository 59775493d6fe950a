using Microsoft.Extensions.VectorData;

namespace MLNet.Devise.Stores.Tests;

/// <summary>What every store must do, through the standard's own type alone; answers are compared with a naive scan.</summary>
internal static class Scenario
{
    public const int Dimension = 12;

    public static async Task RunAsync(VectorStoreCollection<string, ImageRecord> store, bool prefixes = true)
    {
        await store.EnsureCollectionExistsAsync();
        Assert.True(await store.CollectionExistsAsync());
        var records = Records(120, seed: 3);
        await store.UpsertAsync(records);
        var query = records[7].Vector;

        // Top, skip and threshold.
        var naive = Naive(records, query, _ => true);
        Assert.Equal(naive[..10], await FoundAsync(store, query, 10));
        Assert.Equal(naive[5..15], await FoundAsync(store, query, 10, new() { Skip = 5 }));
        var threshold = (Cosine(query, records.Single(r => r.Path == naive[6]).Vector) + Cosine(query, records.Single(r => r.Path == naive[7]).Vector)) / 2;
        Assert.Equal(naive[..7], await FoundAsync(store, query, 20, new() { ScoreThreshold = threshold }));

        // Records come back as they went, with or without vectors, and scores are cosines.
        var best = (await store.SearchAsync(query, 1, new() { IncludeVectors = true }).ToListAsync()).Single();
        Assert.Equal(1, best.Score!.Value, 5);
        Assert.Equal(records[7].Vector.ToArray(), best.Record.Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal((records[7].Path, records[7].Label), (best.Record.Path, best.Record.Label));
        Assert.True((await store.GetAsync(records[9].Path))!.Vector.IsEmpty);
        Assert.Equal(records[9].Vector.ToArray(), (await store.GetAsync(records[9].Path, new() { IncludeVectors = true }))!.Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Null(await store.GetAsync("gone.jpg"));

        // Filters: as many as asked for still come back.
        string[] two = ["label 1", "it's \"a\\b\""];
        Assert.Equal(Naive(records, query, r => r.Label == "label 1")[..8], await FoundAsync(store, query, 8, new() { Filter = r => r.Label == "label 1" }));
        Assert.Equal(Naive(records, query, r => two.Contains(r.Label))[..8], await FoundAsync(store, query, 8, new() { Filter = r => two.Contains(r.Label) }));
        Assert.Equal(Naive(records, query, r => r.Label is null)[..8], await FoundAsync(store, query, 8, new() { Filter = r => r.Label == null }));
        Assert.Equal(Naive(records, query, r => r.Label != "label 1" && r.Path != naive[0])[..8], await FoundAsync(store, query, 8, new() { Filter = r => !(r.Label == "label 1" || r.Path == naive[0]) }));
        if (prefixes)
        {
            Assert.Equal(Naive(records, query, r => r.Path.StartsWith("b/", StringComparison.Ordinal))[..8], await FoundAsync(store, query, 8, new() { Filter = r => r.Path.StartsWith("b/") }));
            Assert.Equal(records.Where(r => r.Label == "label 2").Select(r => r.Path).Order(StringComparer.Ordinal).Skip(2).Take(5),
                await store.GetAsync(r => r.Label == "label 2", 5, new() { Skip = 2 }).Select(r => r.Path).ToListAsync());
        }
        await Assert.ThrowsAsync<DeviseInputException>(() => FoundAsync(store, query, 1, new() { Filter = r => r.Path.Length > 3 }));
        await Assert.ThrowsAsync<DeviseInputException>(() => FoundAsync(store, new float[Dimension + 1], 1));
        await Assert.ThrowsAsync<DeviseInputException>(() => FoundAsync(store, query, 0));
        await Assert.ThrowsAsync<DeviseInputException>(() => store.UpsertAsync(new ImageRecord { Path = "x", Vector = new float[Dimension] }));

        // An upsert replaces; what is deleted is gone.
        records[7] = records[7] with { Label = "new", Vector = Records(1, seed: 99)[0].Vector };
        await store.UpsertAsync(records[7]);
        Assert.Equal(Naive(records, query, _ => true)[..10], await FoundAsync(store, query, 10));
        Assert.Equal("new", (await store.GetAsync(records[7].Path))!.Label);
        await store.DeleteAsync(naive[1]);
        await store.DeleteAsync(["gone.jpg", naive[2]]);
        var left = records.Where(r => r.Path != naive[1] && r.Path != naive[2]).ToArray();
        Assert.Equal(Naive(left, query, _ => true)[..10], await FoundAsync(store, query, 10));
        Assert.Equal(left.Length, await ((ImageStore)store).CountAsync());
    }

    /// <summary>The one that is noted of networks that all come first.</summary>
    public static async Task<string> NetworkNotedAsync(ImageStore store, string[] networks)
    {
        var taken = await Task.WhenAll(networks.Select(async network =>
        {
            try { await store.EnsureNetworkAsync(network); }
            catch (DeviseInputException e) when (e.Message.Contains("cannot be compared", StringComparison.Ordinal)) { return null; }
            return network;
        }));
        return Assert.Single(taken.OfType<string>());
    }

    public static ImageRecord[] Records(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var vector = Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() - 0.5f).ToArray();
            var length = MathF.Sqrt(vector.Sum(value => value * value));
            return new ImageRecord { Path = $"{"ab"[i % 2]}/{i}.jpg", Label = (i % 5) switch { 0 => null, 4 => "it's \"a\\b\"", var label => $"label {label}" }, Vector = vector.Select(value => value / length).ToArray() };
        })];
    }

    public static string[] Naive(IEnumerable<ImageRecord> records, ReadOnlyMemory<float> query, Func<ImageRecord, bool> passes) =>
        [.. records.Where(passes).OrderByDescending(record => Cosine(record.Vector, query)).Select(record => record.Path)];

    public static async Task<string[]> FoundAsync(VectorStoreCollection<string, ImageRecord> store, ReadOnlyMemory<float> query, int top, VectorSearchOptions<ImageRecord>? options = null) =>
        [.. (await store.SearchAsync(query, top, options).ToListAsync()).Select(result => result.Record.Path)];

    private static double Cosine(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b) => a.ToArray().Zip(b.ToArray(), (x, y) => (double)x * y).Sum();
}
