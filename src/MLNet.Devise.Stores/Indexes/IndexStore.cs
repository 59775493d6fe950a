using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using MLNet.Devise.Data;
using MLNet.Devise.Search;
using MLNet.Devise.Search.Files;
using MLNet.Devise.Stores.Filters;

namespace MLNet.Devise.Stores;

/// <summary>
/// A <see cref="VectorIndex"/> as a vector store's collection: in this process, and in a file once <see cref="Save"/> is called. The index
/// knows ids and vectors; labels are kept beside it, in memory and in <c>FILE.labels.json</c>, which says of which index they are.
/// </summary>
public sealed class IndexStore : ImageStore
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private readonly Dictionary<string, string> _labels;
    private readonly Lock _writing = new();

    /// <summary>Puts an index behind the standard; it stays the caller's, who disposes it.</summary>
    /// <param name="index">The index.</param>
    /// <param name="generator">Makes vectors of what is searched with; <see langword="null"/>: only vectors can be.</param>
    public IndexStore(VectorIndex index, IEmbeddingGenerator? generator = null) : this(index, [], "index", generator) { }

    private IndexStore(VectorIndex index, Dictionary<string, string> labels, string name, IEmbeddingGenerator? generator) : base(name, index?.Dimension ?? 0, generator)
    {
        ArgumentNullException.ThrowIfNull(index);
        (Index, _labels) = (index, labels);
    }

    /// <summary>The index.</summary>
    public VectorIndex Index { get; }

    private protected override string System => "devise";

    /// <summary>Opens an index file with its labels, where it has some.</summary>
    /// <param name="file">A file that <see cref="Save"/> or <c>devise index build</c> wrote.</param>
    /// <param name="generator">Makes vectors of what is searched with; <see langword="null"/>: only vectors can be.</param>
    /// <returns>A collection; its <see cref="Index"/> is the caller's to dispose.</returns>
    /// <exception cref="DeviseInputException">No index file, or a damaged one; or its labels are damaged, or those of another index than lies there now.</exception>
    public static IndexStore Open(string file, IEmbeddingGenerator? generator = null)
    {
        var index = VectorIndex.Open(file, IndexOpenOptions.ToChange);
        try { return new(index, ReadLabels(file), Path.GetFileNameWithoutExtension(file), generator); }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Writes the index, then its labels; each file appears whole or not at all.</summary>
    /// <param name="file">The index file; an older one is replaced.</param>
    public void Save(string file)
    {
        lock (_writing)
        {
            KeptLabels? before;
            try { before = ReadKept(file); }
            catch (DeviseInputException) { before = null; } // Labels that cannot be read are replaced.
            var beside = LabelsOf(file);
            KeptLabels? kept = null;
            Index.Save(file, aside =>
            {
                // Whichever of the two indices a process that ends here leaves, its labels are there.
                kept = new(IndexFile.Identity(aside), new(_labels, StringComparer.Ordinal));
                WholeFile.WriteText(beside, JsonSerializer.Serialize(kept with { Before = before }, Json));
            });
            WholeFile.WriteText(beside, JsonSerializer.Serialize(kept, Json));
        }
    }

    /// <inheritdoc/>
    public override Task<long> CountAsync(CancellationToken cancellationToken = default) => Task.FromResult((long)Index.Count);

    /// <summary>What the index's <see cref="VectorIndex.Model"/> says.</summary>
    /// <inheritdoc/>
    public override Task<string?> NetworkAsync(CancellationToken cancellationToken = default) => Task.FromResult(Index.Model?.Sha256);

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

    /// <inheritdoc/>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Removes every record; files stay as they are until <see cref="Save"/>.</summary>
    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => DeleteAsync([.. Index.Ids], cancellationToken);

    /// <inheritdoc/>
    public override Task UpsertAsync(IEnumerable<ImageRecord> records, CancellationToken cancellationToken = default)
    {
        var rows = Checked(records);
        var vectors = new float[(long)rows.Count * Dimension];
        for (var i = 0; i < rows.Count; i++) rows[i].Vector.CopyTo(vectors.AsMemory(i * Dimension));
        lock (_writing)
        {
            Index.Add([.. rows.Select(row => row.Path)], vectors);
            lock (_labels)
                foreach (var row in rows)
                {
                    if (row.Label is null) _labels.Remove(row.Path);
                    else _labels[row.Path] = row.Label;
                }
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) => DeleteAsync([key], cancellationToken);

    /// <inheritdoc/>
    public override Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        string[] all = [.. keys];
        lock (_writing)
        {
            Index.Remove(all);
            lock (_labels)
                foreach (var key in all) _labels.Remove(key);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<ImageRecord?> GetAsync(string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(Find(key, options?.IncludeVectors ?? false));

    private protected override Task<string> NoteNetworkAsync(string sha256, CancellationToken cancellation) =>
        throw new DeviseInputException("an index's network is noted with its labels: set the index's Model, for instance IndexModel.Of(bundle)");

    private protected override Task<IReadOnlyList<VectorSearchResult<ImageRecord>>> NearestAsync(ReadOnlyMemory<float> query, int count, RecordFilter? filter, bool vectors, CancellationToken cancellation)
    {
        var hits = Index.Search(query.Span, count, filter is null ? null : new() { Where = path => filter.Accepts(path, LabelOf(path)) });
        return Task.FromResult<IReadOnlyList<VectorSearchResult<ImageRecord>>>([.. hits.Select(hit => new VectorSearchResult<ImageRecord>(Find(hit.Id, vectors) ?? new() { Path = hit.Id }, hit.Cosine))]);
    }

    private protected override async IAsyncEnumerable<ImageRecord> WhereAsync(RecordFilter filter, int skip, int top, bool vectors, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var path in Index.Ids.Where(path => filter.Accepts(path, LabelOf(path))).Order(StringComparer.Ordinal).Skip(skip).Take(top))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Find(path, vectors) is { } record) yield return record;
        }
    }

    private ImageRecord? Find(string path, bool vectors)
    {
        var vector = new float[Dimension];
        return Index.TryGet(path, vector) ? new() { Path = path, Label = LabelOf(path), Vector = vectors ? vector : default(ReadOnlyMemory<float>) } : null;
    }

    private string? LabelOf(string path)
    {
        lock (_labels) return _labels.GetValueOrDefault(path);
    }

    private static string LabelsOf(string file) => file + ".labels.json";

    private static Dictionary<string, string> ReadLabels(string file)
    {
        var beside = LabelsOf(file);
        if (!File.Exists(beside)) return [];
        return ReadKept(file) is { } kept ? new(kept.Labels, StringComparer.Ordinal)
            : throw new DeviseInputException($"{beside}: labels of another index than {file} is now, which was replaced or changed without them; put the index back that they belong to, or delete them to open this one without labels");
    }

    /// <summary>The labels that are kept of the index that lies there; null where there are none.</summary>
    private static KeptLabels? ReadKept(string file)
    {
        var beside = LabelsOf(file);
        if (!File.Exists(file) || !File.Exists(beside)) return null;
        try
        {
            using var stream = File.OpenRead(beside);
            var (kept, identity) = (JsonSerializer.Deserialize<KeptLabels>(stream, Json) ?? throw new JsonException("null"), IndexFile.Identity(file));
            return ((KeptLabels?[])[kept, kept.Before]).FirstOrDefault(each => each?.Index == identity) is { } found ? found with { Before = null } : null;
        }
        catch (JsonException e) { throw new DeviseInputException($"{beside}: not the labels of an index: {e.Message}; delete it to open the index without labels", e); }
    }

    /// <summary>What the file of labels holds.</summary>
    /// <param name="Index">Which index they are of.</param>
    /// <param name="Labels">Label by path.</param>
    /// <param name="Before">Those of the index that this one is about to replace, or just has; null but for the moment of the change.</param>
    private sealed record KeptLabels(string Index, Dictionary<string, string> Labels, KeptLabels? Before = null);
}
