using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using MLNet.Devise.Search;
using MLNet.Devise.Stores.Filters;

namespace MLNet.Devise.Stores;

/// <summary>
/// Images in a vector store, by <c>Microsoft.Extensions.VectorData</c>. Scores are cosines, −1..1, higher is nearer;
/// <c>ScoreThreshold</c> is the least cosine. Filters compare <c>Path</c> and <c>Label</c> with text (<c>==</c>, <c>!=</c>,
/// <c>StartsWith</c>, a list's <c>Contains</c>), joined by <c>&amp;&amp;</c>, <c>||</c> and <c>!</c>. A search takes a vector, or anything
/// that the embedding generator takes.
/// </summary>
public abstract class ImageStore : VectorStoreCollection<string, ImageRecord>
{
    /// <summary>Most records that one search may be asked for, skipped ones with them.</summary>
    public const int MaxTop = 10_000;

    private readonly IEmbeddingGenerator? _generator;

    private protected ImageStore(string name, int dimension, IEmbeddingGenerator? generator) => (Name, Dimension, _generator) = (name, dimension, generator);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Values a vector.</summary>
    public int Dimension { get; }

    /// <inheritdoc/>
    public override Task UpsertAsync(ImageRecord record, CancellationToken cancellationToken = default) => UpsertAsync([record], cancellationToken);

    /// <summary>The number of records.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public abstract Task<long> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>The network that made the vectors, where it was noted: SHA-256 of a bundle's network, lower-case hexadecimal, as <see cref="IndexModel.Sha256"/>.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see langword="null"/> where none was noted, or the collection is not there.</returns>
    public abstract Task<string?> NetworkAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes the collection where there is none, and notes which network makes its vectors, or checks that it is the one noted: vectors of two networks cannot be compared.</summary>
    /// <param name="sha256">SHA-256 of the network, lower-case hexadecimal, 64 digits.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="DeviseInputException">Another network is noted, or this is no SHA-256.</exception>
    public async Task EnsureNetworkAsync(string sha256, CancellationToken cancellationToken = default)
    {
        if (sha256 is not { Length: 64 } || !sha256.All(char.IsAsciiHexDigitLower)) throw new DeviseInputException($"network '{sha256}': expected a SHA-256, 64 lower-case hexadecimal digits");
        await EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
        var there = await NetworkAsync(cancellationToken).ConfigureAwait(false) ?? await NoteNetworkAsync(sha256, cancellationToken).ConfigureAwait(false);
        if (there != sha256) throw new DeviseInputException($"{Name}: its vectors are of the network {there[..12]}…, these of {sha256[..12]}…, and cannot be compared; name another table or set, or remove that one");
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<VectorSearchResult<ImageRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<ImageRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new();
        if (top < 1 || options.Skip < 0 || (long)top + options.Skip > MaxTop) throw new DeviseInputException($"search: top {top}, skip {options.Skip}; expected at least 1 and {MaxTop:N0} together at most");
        var query = await QueryAsync(searchValue, cancellationToken).ConfigureAwait(false);
        UnitVectors.Check(query.Span, Dimension, "search", "query");
        var filter = options.Filter is { } condition ? RecordFilter.Parse(condition) : null;
        var found = await NearestAsync(query, top + options.Skip, filter, options.IncludeVectors, cancellationToken).ConfigureAwait(false);
        foreach (var result in found.Skip(options.Skip).Where(result => !(result.Score < options.ScoreThreshold))) yield return result;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ImageRecord> GetAsync(
        Expression<Func<ImageRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<ImageRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (top < 1 || options?.Skip < 0) throw new DeviseInputException($"get: top {top}, skip {options?.Skip}; expected top of at least 1 and skip of 0 or more");
        if (options?.OrderBy is not null) throw new DeviseInputException("get: OrderBy is not supported, records come by path");
        await foreach (var record in WhereAsync(RecordFilter.Parse(filter), options?.Skip ?? 0, top, options?.IncludeVectors ?? false, cancellationToken).ConfigureAwait(false)) yield return record;
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(VectorStoreCollectionMetadata)) return new VectorStoreCollectionMetadata { VectorStoreSystemName = System, CollectionName = Name };
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>The kind of store, in OpenTelemetry's words where it has one.</summary>
    private protected abstract string System { get; }

    /// <summary>Notes the network of a collection, unless somebody else has just noted one.</summary>
    /// <returns>The one that is noted then.</returns>
    private protected abstract Task<string> NoteNetworkAsync(string sha256, CancellationToken cancellation);

    /// <summary>The best <paramref name="count"/> that pass, best first.</summary>
    private protected abstract Task<IReadOnlyList<VectorSearchResult<ImageRecord>>> NearestAsync(ReadOnlyMemory<float> query, int count, RecordFilter? filter, bool vectors, CancellationToken cancellation);

    /// <summary>Records that pass, by path.</summary>
    private protected abstract IAsyncEnumerable<ImageRecord> WhereAsync(RecordFilter filter, int skip, int top, bool vectors, CancellationToken cancellation);

    /// <summary>The last record of every path, checked.</summary>
    private protected IReadOnlyList<ImageRecord> Checked(IEnumerable<ImageRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var last = new Dictionary<string, ImageRecord>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            if (string.IsNullOrEmpty(record.Path)) throw new DeviseInputException("upsert: a record without a path, expected a name");
            UnitVectors.Check(record.Vector.Span, Dimension, "image", record.Path);
            last[record.Path] = record;
        }
        return [.. last.Values];
    }

    private async Task<ReadOnlyMemory<float>> QueryAsync<TInput>(TInput value, CancellationToken cancellation) => value switch
    {
        ReadOnlyMemory<float> vector => vector,
        float[] vector => vector,
        Embedding<float> embedding => embedding.Vector,
        null => throw new ArgumentNullException(nameof(value)),
        _ when _generator is IEmbeddingGenerator<TInput, Embedding<float>> generator => (await generator.GenerateAsync([value], cancellationToken: cancellation).ConfigureAwait(false))[0].Vector,
        _ => throw new DeviseInputException($"search: a {typeof(TInput).Name}, expected a vector, or a collection made with an embedding generator that takes it"),
    };
}
