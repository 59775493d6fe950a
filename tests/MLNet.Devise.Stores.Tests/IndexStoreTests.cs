using System.Text.Json.Nodes;
using MLNet.Devise.Search;
using MLNet.Devise.Tests;

namespace MLNet.Devise.Stores.Tests;

public sealed class IndexStoreTests
{
    [Theory]
    [InlineData(VectorIndexKind.Exact)]
    [InlineData(VectorIndexKind.Hnsw)]
    public async Task An_index_is_a_vector_store(VectorIndexKind kind)
    {
        using var index = VectorIndex.Create([], [], Scenario.Dimension, new() { Kind = kind });
        using var store = new IndexStore(index);
        await Scenario.RunAsync(store);
    }

    [Fact]
    public async Task A_process_that_ends_while_it_saves_leaves_labels_of_whichever_index_lies_there()
    {
        using var folder = new TemporaryFolder();
        var records = Scenario.Records(30, seed: 5);
        using var index = VectorIndex.Create([], [], Scenario.Dimension);
        using var store = new IndexStore(index);
        await store.UpsertAsync(records.Take(20));
        store.Save(folder["a.index"]);
        var before = File.ReadAllBytes(folder["a.index"]);
        await store.UpsertAsync(records.Skip(20));

        var first = JsonNode.Parse(File.ReadAllText(folder["a.index.labels.json"]))!;
        store.Save(folder["a.index"]);
        var second = JsonNode.Parse(File.ReadAllText(folder["a.index.labels.json"]))!;
        Assert.Null(second["before"]);

        // Between the two files, labels are those of both.
        second["before"] = first;
        folder.Write("a.index.labels.json", second.ToJsonString());
        Assert.Equal(30, await CountAsync());
        File.WriteAllBytes(folder["a.index"], before);
        Assert.Equal(20, await CountAsync());

        async Task<int> CountAsync()
        {
            using var opened = IndexStore.Open(folder["a.index"]);
            using var _ = opened.Index;
            var kept = await opened.GetAsync(r => r.Path != "x", 100).ToListAsync();
            Assert.Equal(records.Take(kept.Count).Select(r => (r.Path, r.Label)).Order(), kept.Select(r => (r.Path, r.Label)).Order());
            return kept.Count;
        }
    }

    [Fact]
    public async Task Index_and_labels_come_back_from_files()
    {
        using var folder = new TemporaryFolder();
        var records = Scenario.Records(30, seed: 5);
        using (var index = VectorIndex.Create([], [], Scenario.Dimension))
        {
            using var store = new IndexStore(index);
            await store.UpsertAsync(records);
            store.Save(folder["a.index"]);
        }
        using var opened = IndexStore.Open(folder["a.index"]);
        using var _ = opened.Index;
        Assert.Equal(records.Select(r => (r.Path, r.Label)).Order(), await opened.GetAsync(r => r.Path != "x", 100).Select(r => (r.Path, r.Label)).Order().ToListAsync());
        Directory.CreateDirectory(folder["taken.index"]);
        Assert.Throws<DeviseInputException>(() => opened.Save(folder["taken.index"]));
        Assert.False(File.Exists(folder["taken.index.labels.json"]));
        // Another index in its place: labels of the same paths would be those of other images.
        using (var other = VectorIndex.Create([records[0].Path], records[1].Vector.Span, Scenario.Dimension)) other.Save(folder["a.index"]);
        Assert.Contains("labels of another index", Assert.Throws<DeviseInputException>(() => IndexStore.Open(folder["a.index"])).Message, StringComparison.Ordinal);
        folder.Write("a.index.labels.json", """{"a.jpg":"cat"}""");
        Assert.Contains("not the labels", Assert.Throws<DeviseInputException>(() => IndexStore.Open(folder["a.index"])).Message, StringComparison.Ordinal);
        opened.Save(folder["a.index"]);
        folder.Write("a.index.labels.json", "[1,");
        Assert.Contains("labels", Assert.Throws<DeviseInputException>(() => IndexStore.Open(folder["a.index"])).Message, StringComparison.Ordinal);
    }
}
