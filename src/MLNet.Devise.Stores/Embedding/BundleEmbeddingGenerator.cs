using Microsoft.Extensions.AI;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Embedding;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Stores;

/// <summary>
/// A bundle as <c>Microsoft.Extensions.AI</c> has embedding: words (<see cref="string"/>), image files (<see cref="FileInfo"/>) and images
/// in memory (<see cref="DataContent"/>, or their bytes) become vectors of one space, of length 1. Safe to use from several threads.
/// </summary>
public sealed class BundleEmbeddingGenerator :
    IEmbeddingGenerator<string, Embedding<float>>, IEmbeddingGenerator<FileInfo, Embedding<float>>,
    IEmbeddingGenerator<DataContent, Embedding<float>>, IEmbeddingGenerator<ReadOnlyMemory<byte>, Embedding<float>>
{
    private readonly ModelBundle _bundle;
    private readonly string? _vectors;
    private readonly Lazy<EmbeddingEngine> _engine;

    /// <summary>Embeds with a bundle; its network is loaded with the first image.</summary>
    /// <param name="bundle">An opened bundle.</param>
    /// <param name="vectors">The word vectors that it was trained with, for words that are not among its labels; <see langword="null"/>: those are refused.</param>
    public BundleEmbeddingGenerator(ModelBundle bundle, string? vectors = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        (_bundle, _vectors) = (bundle, vectors);
        _engine = new(() => EmbeddingModel.Of(bundle).Load(new ScoreImagesOptions { K = 1 }.Embedding.Validated()));
    }

    /// <summary>Values a vector.</summary>
    public int Dimension => _bundle.Manifest.Dimension;

    /// <summary>Words → the vectors of their labels, or of words in the vectors given.</summary>
    /// <exception cref="DeviseInputException">A word has no vector.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Made(values.Select(OfWords)), cancellationToken);

    /// <summary>Image files → their embeddings.</summary>
    /// <exception cref="DeviseInputException">A file is missing or cannot be read.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<FileInfo> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        ImagesAsync(values.Select(file => (new ImageSource(Path: file.FullName), file.FullName)), cancellationToken);

    /// <summary>Images in memory → their embeddings.</summary>
    /// <exception cref="DeviseInputException">One is no image or cannot be read.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        ImagesAsync(values.Select(content => content.HasTopLevelMediaType("image")
            ? (new ImageSource(Bytes: content.Data.ToArray()), content.Name ?? "image")
            : throw new DeviseInputException($"{content.Name ?? "content"}: media type {content.MediaType}, expected an image")), cancellationToken);

    /// <summary>The bytes of image files → their embeddings.</summary>
    /// <exception cref="DeviseInputException">One is no image or cannot be read.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<ReadOnlyMemory<byte>> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        ImagesAsync(values.Select(bytes => (new ImageSource(Bytes: bytes.ToArray()), "image")), cancellationToken);

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata)) return new EmbeddingGeneratorMetadata("devise", defaultModelId: _bundle.Manifest.Backbone, defaultModelDimensions: Dimension);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_engine.IsValueCreated) _engine.Value.Dispose();
    }

    private ReadOnlyMemory<float> OfWords(string words) => _bundle.EmbedText(words, _vectors);

    private Task<GeneratedEmbeddings<Embedding<float>>> ImagesAsync(IEnumerable<(ImageSource Source, string Name)> images, CancellationToken cancellation) => Task.Run(() => Made(Embed(images, cancellation)), cancellation);

    private IEnumerable<ReadOnlyMemory<float>> Embed(IEnumerable<(ImageSource Source, string Name)> images, CancellationToken cancellation)
    {
        var engine = _engine.Value;
        var batch = new EmbeddingBatch(engine.Layout.BatchSize, Dimension);
        foreach (var chunk in images.Chunk(batch.Capacity))
        {
            batch.Count = chunk.Length;
            for (var i = 0; i < chunk.Length; i++) batch.Sources[i] = chunk[i].Source;
            engine.Embed(batch, cancellation);
            for (var i = 0; i < chunk.Length; i++)
                yield return batch.Statuses[i] == ImageStatus.Ok ? batch.Embedding(i).ToArray() : throw new DeviseInputException($"{chunk[i].Name}: {batch.Statuses[i].Name()}: {batch.Errors[i]}");
        }
    }

    private GeneratedEmbeddings<Embedding<float>> Made(IEnumerable<ReadOnlyMemory<float>> vectors) =>
        new(vectors.Select(vector => new Embedding<float>(vector) { ModelId = _bundle.Manifest.Backbone }));
}
