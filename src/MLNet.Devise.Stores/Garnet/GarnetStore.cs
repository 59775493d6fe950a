using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using MLNet.Devise.Stores.Filters;
using StackExchange.Redis;

namespace MLNet.Devise.Stores;

/// <summary>
/// Images in a Garnet server or cluster (<c>--enable-vector-set-preview</c>): spread by their paths over <see cref="GarnetOptions.Shards"/>
/// vector sets, whose keys the cluster's hash slots spread over nodes. A search asks all of them at once and merges what they answer; where
/// some do not answer, it says so. Each set is a DiskANN graph, so searches are approximate.
/// </summary>
public sealed class GarnetStore : ImageStore
{
    private const int InFlight = 256;

    private readonly GarnetOptions _options;
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly GarnetDescription _description;

    private GarnetStore(ConnectionMultiplexer connection, int dimension, GarnetOptions options, IEmbeddingGenerator? generator) : base(options.Name, dimension, generator) =>
        (_connection, _database, _options, _description) = (connection, connection.GetDatabase(), options, new(connection.GetDatabase(), options, dimension));

    private protected override string System => "garnet";

    /// <summary>Connects.</summary>
    /// <param name="configuration">Nodes and more as StackExchange.Redis has it: <c>host:port,host:port,password=…</c>.</param>
    /// <param name="dimension">Values a vector.</param>
    /// <param name="options">Name, shards, effort; <see langword="null"/> for the defaults.</param>
    /// <param name="generator">Makes vectors of what is searched with; <see langword="null"/>: only vectors can be.</param>
    /// <exception cref="DeviseInputException">An option is out of range, or the configuration cannot be read.</exception>
    /// <exception cref="IOException">No node answers.</exception>
    public static Task<GarnetStore> ConnectAsync(string configuration, int dimension, GarnetOptions? options = null, IEmbeddingGenerator? generator = null)
    {
        ConfigurationOptions settings;
        try { settings = ConfigurationOptions.Parse(configuration); }
        // What it says may be the half of a password after a comma.
        catch (ArgumentException) { throw new DeviseInputException("garnet: the configuration is not as expected: host:port,host:port,password=…; a password with a comma goes into a ConfigurationOptions"); }
        return ConnectAsync(settings, dimension, options, generator);
    }

    /// <summary>Connects as a configuration says that is no text, so that user and password may hold any character.</summary>
    /// <param name="configuration">Nodes, user, password and more; not changed.</param>
    /// <param name="dimension">Values a vector.</param>
    /// <param name="options">Name, shards, effort; <see langword="null"/> for the defaults.</param>
    /// <param name="generator">Makes vectors of what is searched with; <see langword="null"/>: only vectors can be.</param>
    /// <exception cref="DeviseInputException">An option is out of range.</exception>
    /// <exception cref="IOException">No node answers.</exception>
    public static async Task<GarnetStore> ConnectAsync(ConfigurationOptions configuration, int dimension, GarnetOptions? options = null, IEmbeddingGenerator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        options = (options ?? new()).Validated();
        var settings = configuration.Clone();
        // Vector sets answer in the older protocol only; and what a lost node would have answered must be known soon, not be queued.
        (settings.Protocol, settings.BacklogPolicy, settings.AsyncTimeout) = (RedisProtocol.Resp2, BacklogPolicy.FailFast, (int)options.Timeout.TotalMilliseconds);
        try { return new(await ConnectionMultiplexer.ConnectAsync(settings).ConfigureAwait(false), dimension, options, generator); }
        catch (RedisConnectionException e) { throw new IOException($"garnet: no node answers at {string.Join(", ", settings.EndPoints)}, expected a running server or cluster: {e.Message}", e); }
    }

    /// <inheritdoc/>
    public override async Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => await _description.ExistsAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Notes shards and dimension, or checks that they are what was noted.</summary>
    /// <exception cref="DeviseInputException">Images are there with other shards or another dimension.</exception>
    /// <inheritdoc/>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => _description.EnsureAsync(cancellationToken);

    /// <inheritdoc/>
    public override async Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        if (!await _description.ExistsAsync(cancellationToken).ConfigureAwait(false)) return;
        var shards = await _description.ShardsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var key in Enumerable.Range(0, shards).Select(Key).Append(Network)) await GarnetErrors.WaitAsync(() => _database.KeyDeleteAsync(key), cancellationToken).ConfigureAwait(false);
        await _description.DeleteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<string?> NetworkAsync(CancellationToken cancellationToken = default) =>
        await GarnetErrors.WaitAsync(() => _database.StringGetAsync(Network), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<long> CountAsync(CancellationToken cancellationToken = default)
    {
        var shards = await _description.ShardsAsync(cancellationToken).ConfigureAwait(false);
        var sizes = await Task.WhenAll(Enumerable.Range(0, shards).Select(shard => _database.AskAsync("VCARD", cancellationToken, Key(shard)))).ConfigureAwait(false);
        return sizes.Sum(size => size.IsNull ? 0 : (long)size);
    }

    /// <summary>Puts records in, several at a time. Where a node is lost, some may be in and others not: try all again.</summary>
    /// <inheritdoc/>
    public override async Task UpsertAsync(IEnumerable<ImageRecord> records, CancellationToken cancellationToken = default)
    {
        var (rows, shards) = (Checked(records), await _description.ShardsAsync(cancellationToken).ConfigureAwait(false));
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken }, async (record, cancellation) =>
            await _database.AskAsync("VADD", cancellation, KeyOf(record.Path, shards), "FP32", Bytes(record.Vector), record.Path, _options.Quantized ? "Q8" : "NOQUANT", "EF", _options.EfConstruction,
                "SETATTR", $$"""{"path":"{{GarnetText.Hex(record.Path)}}","label":"{{GarnetText.Hex(record.Label ?? "")}}"}""", "M", _options.M, "XDISTANCE_METRIC", "COSINE").ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>Puts many records in, in batches, and notes shards and dimension.</summary>
    /// <param name="records">Records as they come.</param>
    /// <param name="cancellationToken">Ends the work; what is in stays.</param>
    /// <returns>How many records came.</returns>
    public async Task<long> ImportAsync(IEnumerable<ImageRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        await EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
        var count = 0L;
        foreach (var batch in records.Chunk(5_000))
        {
            await UpsertAsync(batch, cancellationToken).ConfigureAwait(false);
            count += batch.Length;
        }
        return count;
    }

    /// <inheritdoc/>
    public override async Task DeleteAsync(string key, CancellationToken cancellationToken = default) =>
        await _database.AskAsync("VREM", cancellationToken, KeyOf(key, await _description.ShardsAsync(cancellationToken).ConfigureAwait(false)), key).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<ImageRecord?> GetAsync(string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        var shards = await _description.ShardsAsync(cancellationToken).ConfigureAwait(false);
        var attributes = (string?)await _database.AskAsync("VGETATTR", cancellationToken, KeyOf(key, shards), key).ConfigureAwait(false);
        if (string.IsNullOrEmpty(attributes)) return null;
        if (options?.IncludeVectors != true) return new() { Path = key, Label = LabelOf(attributes) };
        var vector = await VectorAsync(key, shards, cancellationToken).ConfigureAwait(false);
        // It has been deleted in between.
        return vector.IsEmpty ? null : new() { Path = key, Label = LabelOf(attributes), Vector = vector };
    }

    private protected override async Task<string> NoteNetworkAsync(string sha256, CancellationToken cancellation)
    {
        await GarnetErrors.WaitAsync(() => _database.StringSetAsync(Network, sha256, when: When.NotExists), cancellation).ConfigureAwait(false);
        return await NetworkAsync(cancellation).ConfigureAwait(false) ?? sha256;
    }

    private protected override async Task<IReadOnlyList<VectorSearchResult<ImageRecord>>> NearestAsync(ReadOnlyMemory<float> query, int count, RecordFilter? filter, bool vectors, CancellationToken cancellation)
    {
        object[] arguments = ["FP32", Bytes(query), "WITHSCORES", "WITHATTRIBS", "COUNT", count, "EF", Math.Max(count, _options.EfSearch), .. filter is null ? [] : new object[] { "FILTER", GarnetFilter.Write(filter) }];
        var shards = await _description.ShardsAsync(cancellation).ConfigureAwait(false);
        var answers = await Task.WhenAll(Enumerable.Range(0, shards).Select(shard => AskAsync(shard, arguments, cancellation))).ConfigureAwait(false);
        var lost = answers.Where(answer => answer.Error is not null).ToDictionary(answer => answer.Shard, answer => answer.Error!);
        var best = answers.SelectMany(answer => answer.Found).OrderByDescending(found => found.Score).ThenBy(found => found.Record.Path, StringComparer.Ordinal).Take(count).ToArray();
        if (vectors && (lost.Count == 0 || _options.OnPartial is not null)) best = await WithVectorsAsync(best, shards, lost, cancellation).ConfigureAwait(false);
        if (lost.Count == 0) return best;
        var partial = new PartialAnswerException([.. lost.Keys.Order()], shards, lost.Values.First());
        if (_options.OnPartial is null || lost.Count == shards) throw partial;
        _options.OnPartial(partial);
        return best;
    }

    private protected override IAsyncEnumerable<ImageRecord> WhereAsync(RecordFilter filter, int skip, int top, bool vectors, CancellationToken cancellation) =>
        throw new DeviseInputException("garnet: vector sets cannot be listed by a filter alone, expected a search with one, or keys");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _connection.Dispose();
        base.Dispose(disposing);
    }

    private async Task<(int Shard, VectorSearchResult<ImageRecord>[] Found, Exception? Error)> AskAsync(int shard, object[] arguments, CancellationToken cancellation)
    {
        try
        {
            var answer = (RedisResult[]?)await _database.AskAsync("VSIM", cancellation, [Key(shard), .. arguments]).WaitAsync(_options.Timeout, cancellation).ConfigureAwait(false) ?? [];
            // Each is an id, a distance (1 − cosine) and its attributes.
            return (shard, [.. answer.Chunk(3).Select(hit => new VectorSearchResult<ImageRecord>(
                new() { Path = (string)hit[0]!, Label = LabelOf((string?)hit[2]) }, 1 - double.Parse((string)hit[1]!, CultureInfo.InvariantCulture)))], null);
        }
        catch (Exception e) when (GarnetErrors.IsAbsence(e)) { return (shard, [], e); }
    }

    /// <summary>Those found with their vectors, without those that have been deleted since, or whose set is lost now, which is noted.</summary>
    private async Task<VectorSearchResult<ImageRecord>[]> WithVectorsAsync(VectorSearchResult<ImageRecord>[] found, int shards, Dictionary<int, Exception> lost, CancellationToken cancellation)
    {
        await Parallel.ForEachAsync(found.Select(result => result.Record), new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation }, async (record, ended) =>
        {
            try { record.Vector = await VectorAsync(record.Path, shards, ended).ConfigureAwait(false); }
            catch (Exception e) when (GarnetErrors.IsAbsence(e))
            {
                lock (lost) lost.TryAdd(ShardOf(record.Path, shards), e);
            }
        }).ConfigureAwait(false);
        return [.. found.Where(result => !result.Record.Vector.IsEmpty)];
    }

    /// <summary>The vector of a record, empty where it is not there.</summary>
    private async Task<ReadOnlyMemory<float>> VectorAsync(string path, int shards, CancellationToken cancellation) =>
        (((RedisResult[]?)await _database.AskAsync("VEMB", cancellation, KeyOf(path, shards), path).ConfigureAwait(false)) ?? []).Select(value => float.Parse((string)value!, CultureInfo.InvariantCulture)).ToArray();

    private static int ShardOf(string path, int shards) => (int)(global::System.IO.Hashing.XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(path)) % (ulong)shards);

    private RedisKey KeyOf(string path, int shards) => Key(ShardOf(path, shards));

    private RedisKey Key(int shard) => string.Create(CultureInfo.InvariantCulture, $"{Name}:{shard}");

    private RedisKey Network => $"{Name}:network";

    private static byte[] Bytes(ReadOnlyMemory<float> vector) => MemoryMarshal.AsBytes(vector.Span).ToArray();

    private static string? LabelOf(string? attributes)
    {
        if (string.IsNullOrEmpty(attributes)) return null;
        using var json = JsonDocument.Parse(attributes);
        return json.RootElement.TryGetProperty("label", out var label) && label.GetString() is { Length: > 1 } hex ? GarnetText.Text(hex) : null;
    }
}
