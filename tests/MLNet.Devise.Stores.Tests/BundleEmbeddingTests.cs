using Microsoft.Extensions.AI;
using MLNet.Devise.Jobs;
using MLNet.Devise.Search;
using MLNet.Devise.Tests;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Stores.Tests;

public sealed class BundleEmbeddingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelBundle _bundle;
    private readonly BundleEmbeddingGenerator _generator;

    public BundleEmbeddingTests()
    {
        _bundle = TinyBundle.Write(_folder["bundle"]);
        _generator = new(_bundle);
        for (var i = 0; i < 20; i++) Pictures.Save(_folder["images", $"{i}.png"], 24, 20, i);
    }

    [Fact]
    public async Task Files_bytes_and_contents_embed_as_scoring_does()
    {
        string[] paths = [.. Enumerable.Range(0, 20).Select(i => _folder["images", $"{i}.png"])];
        using var scorer = new ImageScorer(_bundle, new() { K = 1 }, workers: 1);
        var expected = scorer.Score(paths).Select(row => row.Embedding!.Value.ToArray()).ToArray();
        var files = await _generator.GenerateAsync(paths.Select(path => new FileInfo(path)));
        var bytes = await _generator.GenerateAsync(paths.Select(path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path)));
        var contents = await _generator.GenerateAsync(paths.Select(path => new DataContent(File.ReadAllBytes(path), "image/png")));
        foreach (var made in new[] { files, bytes, contents }) Assert.Equal(expected, made.Select(embedding => embedding.Vector.ToArray()));
        Assert.Equal(TinyBundle.Dimension, ((IEmbeddingGenerator)_generator).GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
    }

    [Fact]
    public async Task What_has_no_vector_is_refused_with_its_name()
    {
        await File.WriteAllTextAsync(_folder["text.jpg"], "no image");
        Assert.Contains("text.jpg", (await Assert.ThrowsAsync<DeviseInputException>(() => _generator.GenerateAsync([new FileInfo(_folder["text.jpg"])]))).Message, StringComparison.Ordinal);
        Assert.Contains("text/plain", (await Assert.ThrowsAsync<DeviseInputException>(() => _generator.GenerateAsync([new DataContent(new byte[3], "text/plain")]))).Message, StringComparison.Ordinal);
        Assert.Contains("'yak'", (await Assert.ThrowsAsync<DeviseInputException>(() => _generator.GenerateAsync(["yak"]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_with_a_generator_is_searched_by_words_and_by_images()
    {
        var files = Directory.GetFiles(_folder["images"]).Order(StringComparer.Ordinal).Select(path => new FileInfo(path)).ToArray();
        var vectors = await _generator.GenerateAsync(files);
        using var index = VectorIndex.Create([], [], TinyBundle.Dimension);
        using var store = new IndexStore(index, _generator);
        await store.UpsertAsync(files.Select((file, i) => new ImageRecord { Path = file.Name, Vector = vectors[i].Vector }));
        Assert.Equal(files[3].Name, (await store.SearchAsync(files[3], 1).ToListAsync())[0].Record.Path);
        Assert.Equal(index.Search(_bundle.Labels.Vector(2), 5).Select(hit => hit.Id), await store.SearchAsync("label 2", 5).Select(result => result.Record.Path).ToListAsync());
        await Assert.ThrowsAsync<DeviseInputException>(async () => await store.SearchAsync(3.5, 1).ToListAsync());
    }

    public void Dispose()
    {
        _generator.Dispose();
        _folder.Dispose();
    }
}
