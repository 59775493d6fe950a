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
        folder.Write("a.index.labels.json", "[1,");
        Assert.Contains("labels", Assert.Throws<DeviseInputException>(() => IndexStore.Open(folder["a.index"])).Message, StringComparison.Ordinal);
    }
}
