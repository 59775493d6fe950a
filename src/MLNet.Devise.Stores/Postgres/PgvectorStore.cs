using System.Data;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using MLNet.Devise.Stores.Filters;
using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace MLNet.Devise.Stores;

/// <summary>
/// Images in a table of PostgreSQL with pgvector 0.8 or newer: <c>path text</c> (key), <c>label text</c>, <c>embedding vector(n)</c>, with an
/// HNSW index by cosine. Rows come by binary COPY; filtered searches go on through the index until enough rows pass
/// (<c>hnsw.iterative_scan</c>).
/// </summary>
[SuppressMessage("Security", "CA2100", Justification = "The only text put into commands is a checked table name, numbers, parameters' names, and what the server itself has quoted.")]
public sealed class PgvectorStore : ImageStore
{
    private readonly NpgsqlDataSource _source;
    private readonly PgvectorOptions _options;

    /// <summary>Describes a table; nothing is connected yet.</summary>
    /// <param name="connection">A connection string as Npgsql has it.</param>
    /// <param name="dimension">Values a vector, 1 to 2,000, which is what pgvector can index.</param>
    /// <param name="options">Table, effort; <see langword="null"/> for the defaults.</param>
    /// <param name="generator">Makes vectors of what is searched with; <see langword="null"/>: only vectors can be.</param>
    /// <exception cref="DeviseInputException">An option is out of range.</exception>
    public PgvectorStore(string connection, int dimension, PgvectorOptions? options = null, IEmbeddingGenerator? generator = null)
        : base((options ?? new()).Validated().Table, dimension, generator)
    {
        if (dimension is < 1 or > 2000) throw new DeviseInputException($"dimension: {dimension}, expected 1 to 2,000, which pgvector can index");
        _options = options ?? new();
        var builder = new NpgsqlDataSourceBuilder(connection);
        builder.UseVector();
        _source = builder.Build();
    }

    private protected override string System => "postgresql";

    // Quoted: a table may be called what SQL has a word for.
    private string Table => $"\"{Name}\"";

    private string HnswName => $"\"{Name}_hnsw\"";

    private string LabelName => $"\"{Name}_label\"";

    private const string NetworkMark = "network sha256:";

    private const string Comment = "SELECT obj_description(to_regclass($1), 'pg_class')";

    // Whoever writes several rows takes them in one order: two who took each other's would wait for ever.
    private const string InOrder = "ORDER BY path COLLATE \"C\"";

    private const string Replacing = "ON CONFLICT (path) DO UPDATE SET label = excluded.label, embedding = excluded.embedding";

    /// <inheritdoc/>
    public override async Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        await using var command = _source.CreateCommand("SELECT to_regclass($1) IS NOT NULL");
        command.Parameters.AddWithValue(Table);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Creates extension, table and index where they are not there, and checks that the table has vectors of this dimension.</summary>
    /// <exception cref="DeviseInputException">pgvector is older than 0.8, or the table has vectors of another dimension.</exception>
    /// <inheritdoc/>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => EnsureAsync(indexed: true, cancellationToken);

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => RunAsync($"DROP TABLE IF EXISTS {Table}", cancellationToken);

    /// <inheritdoc/>
    public override async Task<long> CountAsync(CancellationToken cancellationToken = default)
    {
        await using var command = _source.CreateCommand($"SELECT count(*) FROM {Table}");
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>The network as the table's comment says it.</summary>
    /// <inheritdoc/>
    public override async Task<string?> NetworkAsync(CancellationToken cancellationToken = default)
    {
        await using var command = _source.CreateCommand(Comment);
        command.Parameters.AddWithValue(Table);
        return Noted(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string);
    }

    /// <summary>Puts many records in: the table is made where there is none, and an empty one is indexed after they are in, which is faster.</summary>
    /// <param name="records">Records as they come; of a path that comes twice the last one counts.</param>
    /// <param name="cancellationToken">Ends the work; whole batches stay.</param>
    /// <returns>How many records came.</returns>
    /// <exception cref="DeviseInputException">A record has no path, or a vector of another dimension or length.</exception>
    public async Task<long> ImportAsync(IEnumerable<ImageRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        await EnsureAsync(indexed: false, cancellationToken).ConfigureAwait(false);
        if (await IsEmptyAsync(cancellationToken).ConfigureAwait(false)) await RunAsync($"DROP INDEX IF EXISTS {HnswName}", cancellationToken).ConfigureAwait(false);
        var count = 0L;
        foreach (var batch in records.Chunk(_options.BatchRows))
        {
            await UpsertAsync(batch, cancellationToken).ConfigureAwait(false);
            count += batch.Length;
        }
        await EnsureAsync(indexed: true, cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <inheritdoc/>
    public override async Task UpsertAsync(IEnumerable<ImageRecord> records, CancellationToken cancellationToken = default)
    {
        var rows = Checked(records);
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        if (!_options.Copy)
        {
            await using var insert = new NpgsqlCommand($"INSERT INTO {Table} SELECT * FROM unnest($1, $2, $3) AS given (path, label, embedding) {InOrder} {Replacing}", connection) { CommandTimeout = 0 };
            insert.Parameters.AddWithValue(rows.Select(row => row.Path).ToArray());
            insert.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. rows.Select(row => row.Label)] });
            insert.Parameters.AddWithValue(rows.Select(row => new Vector(row.Vector)).ToArray());
            await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, $"CREATE TEMP TABLE devise_copy (path text, label text, embedding vector({Dimension})) ON COMMIT DROP", cancellationToken).ConfigureAwait(false);
        await using (var writer = await connection.BeginBinaryImportAsync("COPY devise_copy (path, label, embedding) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                await writer.StartRowAsync(cancellationToken).ConfigureAwait(false);
                await writer.WriteAsync(row.Path, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                if (row.Label is null) await writer.WriteNullAsync(cancellationToken).ConfigureAwait(false);
                else await writer.WriteAsync(row.Label, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await writer.WriteAsync(new Vector(row.Vector), cancellationToken).ConfigureAwait(false);
            }
            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        await RunAsync(connection, $"INSERT INTO {Table} SELECT path, label, embedding FROM devise_copy {InOrder} {Replacing}", cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) => DeleteAsync([key], cancellationToken);

    /// <inheritdoc/>
    public override async Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        await using var command = _source.CreateCommand($"DELETE FROM {Table} WHERE path IN (SELECT path FROM {Table} WHERE path = ANY($1) {InOrder} FOR UPDATE)");
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue(keys.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<ImageRecord?> GetAsync(string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        await foreach (var record in WhereAsync(new OneOf(RecordField.Path, [key]), 0, 1, options?.IncludeVectors ?? false, cancellationToken).ConfigureAwait(false)) return record;
        return null;
    }

    private protected override async Task<string> NoteNetworkAsync(string sha256, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation).ConfigureAwait(false);
        // Of two first ones the second waits here, and then reads what the first has noted.
        await ScalarAsync(connection, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", cancellation, $"MLNet.Devise {Table}").ConfigureAwait(false);
        var comment = await ScalarAsync(connection, Comment, cancellation, Table).ConfigureAwait(false) as string;
        if (Noted(comment) is { } there) return there;
        // What the table's owner wrote stays.
        var longer = $"{(string.IsNullOrEmpty(comment) ? "" : $"{comment}\n")}MLNet.Devise: {NetworkMark}{sha256}";
        var statement = (string)(await ScalarAsync(connection, "SELECT format('COMMENT ON TABLE %s IS %L', $1, $2)", cancellation, Table, longer).ConfigureAwait(false))!;
        await RunAsync(connection, statement, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return sha256;
    }

    private protected override async Task<IReadOnlyList<VectorSearchResult<ImageRecord>>> NearestAsync(ReadOnlyMemory<float> query, int count, RecordFilter? filter, bool vectors, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        // For this transaction only: a pooled connection must not carry one search's settings into another.
        await RunAsync(connection, $"SET LOCAL hnsw.ef_search = {Math.Clamp(count, _options.EfSearch, 1000)}; SET LOCAL hnsw.iterative_scan = relaxed_order; SET LOCAL hnsw.max_scan_tuples = {_options.MaxScanTuples}", cancellation).ConfigureAwait(false);
        await using var command = connection.CreateCommand();
        command.Parameters.AddWithValue(new Vector(query));
        command.CommandText = $"SELECT path, label, 1 - (embedding <=> $1){(vectors ? ", embedding" : "")} FROM {Table}{(filter is null ? "" : $" WHERE {SqlFilter.Write(filter, command.Parameters)}")} ORDER BY embedding <=> $1 LIMIT {count}";
        var found = new List<VectorSearchResult<ImageRecord>>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) found.Add(new(Read(reader, vectors ? 3 : null), reader.GetDouble(2)));
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        // relaxed_order: a later round of the scan may find nearer ones.
        return [.. found.OrderByDescending(result => result.Score)];
    }

    private protected override async IAsyncEnumerable<ImageRecord> WhereAsync(RecordFilter filter, int skip, int top, bool vectors, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand();
        command.CommandText = $"SELECT path, label{(vectors ? ", embedding" : "")} FROM {Table} WHERE {SqlFilter.Write(filter, command.Parameters)} {InOrder} LIMIT {top} OFFSET {skip}";
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) yield return Read(reader, vectors ? 2 : null);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _source.Dispose();
        base.Dispose(disposing);
    }

    private async Task EnsureAsync(bool indexed, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await RunAsync(connection, "CREATE EXTENSION IF NOT EXISTS vector", cancellation).ConfigureAwait(false);
        // A connection older than the extension does not know its type yet.
        await connection.ReloadTypesAsync(cancellation).ConfigureAwait(false);
        if (await ScalarAsync(connection, "SELECT extversion FROM pg_extension WHERE extname = 'vector'", cancellation).ConfigureAwait(false) is string version && Version.Parse(version) < new Version(0, 8))
            throw new DeviseInputException($"pgvector {version}, expected 0.8 or newer for filtered searches: ALTER EXTENSION vector UPDATE");
        await RunAsync(connection, $"CREATE TABLE IF NOT EXISTS {Table} (path text PRIMARY KEY, label text, embedding vector({Dimension}) NOT NULL)", cancellation).ConfigureAwait(false);
        if (await ScalarAsync(connection, $"SELECT atttypmod FROM pg_attribute WHERE attrelid = '{Table}'::regclass AND attname = 'embedding'", cancellation).ConfigureAwait(false) is int there && there != Dimension)
            throw new DeviseInputException($"table {Name}: vectors of {there} values, expected {Dimension}; name another table");
        if (!indexed) return;
        await RunAsync(connection, $"CREATE INDEX IF NOT EXISTS {HnswName} ON {Table} USING hnsw (embedding vector_cosine_ops) WITH (m = {_options.M}, ef_construction = {_options.EfConstruction})", cancellation).ConfigureAwait(false);
        await RunAsync(connection, $"CREATE INDEX IF NOT EXISTS {LabelName} ON {Table} (label)", cancellation).ConfigureAwait(false);
    }

    /// <summary>The network that a table's comment names.</summary>
    private static string? Noted(string? comment) =>
        comment?.IndexOf(NetworkMark, StringComparison.Ordinal) is >= 0 and var at && comment.Length >= at + NetworkMark.Length + 64 ? comment.Substring(at + NetworkMark.Length, 64) : null;

    private async Task<bool> IsEmptyAsync(CancellationToken cancellation)
    {
        // Not by counting: a billion rows take minutes.
        await using var command = _source.CreateCommand($"SELECT NOT EXISTS (SELECT FROM {Table})");
        command.CommandTimeout = 0;
        return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    private async Task RunAsync(string sql, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await RunAsync(connection, sql, cancellation).ConfigureAwait(false);
    }

    // Without a limit: building an index, or waiting for who builds one, may take hours.
    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params string[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.AddWithValue(parameter);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }

    private static ImageRecord Read(NpgsqlDataReader reader, int? vector) => new()
    {
        Path = reader.GetString(0),
        Label = reader.IsDBNull(1) ? null : reader.GetString(1),
        Vector = vector is { } column ? reader.GetFieldValue<Vector>(column).Memory : default,
    };
}
