using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests;
using Npgsql;

namespace MLNet.Devise.Stores.Tests;

/// <summary>Against a real pgvector.</summary>
public sealed class PgvectorStoreTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Theory, InlineData("devise_test_scenario", true), InlineData("devise_test_scenario", false), InlineData("user", false)]
    public async Task A_table_is_a_vector_store(string table, bool copy)
    {
        var connection = server.Require();
        Assert.SkipWhen(copy && !server.Copies, "PGlite has no COPY from a client: set DEVISE_TEST_POSTGRES to the connection string of a server with pgvector");
        using var store = new PgvectorStore(connection, Scenario.Dimension, new() { Table = table, Copy = copy });
        await store.EnsureCollectionDeletedAsync();
        Assert.False(await store.CollectionExistsAsync());
        await Scenario.RunAsync(store);
        await store.EnsureCollectionDeletedAsync();
        Assert.False(await store.CollectionExistsAsync());
    }

    [Fact]
    public async Task Of_two_networks_that_come_first_one_is_noted_below_the_owners_comment_and_rows_go_in_by_path()
    {
        var (connection, records) = (server.Require(), Scenario.Records(40, seed: 6));
        // One connection at a time is all that PGlite has: no store is open while a statement runs.
        using (var store = Store())
        {
            await store.EnsureCollectionDeletedAsync();
            await store.EnsureCollectionExistsAsync();
        }
        await RunAsync("COMMENT ON TABLE \"order\" IS 'it''s mine \\ 2024'");
        using (var store = Store())
        {
            Assert.Equal(await Scenario.NetworkNotedAsync(store, [new('a', 64), new('b', 64)]), await store.NetworkAsync());
            await store.UpsertAsync(records);
        }
        Assert.StartsWith("it's mine \\ 2024\n", await RunAsync("SELECT obj_description('\"order\"'::regclass, 'pg_class')"), StringComparison.Ordinal);
        // Rows go in by path, so that no two writers wait for each other.
        Assert.Equal(string.Join(' ', records.Select(r => r.Path).Order(StringComparer.Ordinal)), await RunAsync("SELECT string_agg(path, ' ' ORDER BY ctid) FROM \"order\""));
        await RunAsync("DROP TABLE \"order\"");

        PgvectorStore Store() => new(connection, Scenario.Dimension, new() { Table = "order", Copy = server.Copies });

        async Task<string?> RunAsync(string sql)
        {
            await using var source = NpgsqlDataSource.Create(connection);
            await using var command = source.CreateCommand(sql);
            return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) as string;
        }
    }

    [Fact]
    public async Task Scores_are_copied_in_and_a_rare_label_is_found_through_the_graph()
    {
        using var folder = new TemporaryFolder();
        var records = Scenario.Records(3000, seed: 8).Select((r, i) => r with { Label = i % 100 == 0 ? "rare" : "common" }).ToArray();
        ScoreFile.Write(folder["s.parquet"], records.Select(r => new ScoredImage(r.Path, ImageStatus.Ok, "", [r.Label!], [1f], r.Vector)).Append(new("bad.jpg", ImageStatus.Corrupt, "damaged", [], [], null)), embeddings: true);

        using (var store = new PgvectorStore(server.Require(), Scenario.Dimension, new() { Table = "devise_test_scores", EfSearch = 10, BatchRows = 700, Copy = server.Copies }))
        {
            await store.EnsureCollectionDeletedAsync();
            Assert.Equal(3000, await store.ImportAsync(ImageRecords.OfScores(folder["s.parquet"])));
            Assert.Equal(3000, await store.CountAsync());
            // Thirty of 3,000 pass and the search keeps ten candidates: only going on through the graph finds twenty.
            var found = await Scenario.FoundAsync(store, records[1].Vector, 20, new() { Filter = r => r.Label == "rare" });
            var naive = Scenario.Naive(records, records[1].Vector, r => r.Label == "rare")[..20];
            Assert.Equal(20, found.Length);
            Assert.True(found.Intersect(naive).Count() >= 18, string.Join(' ', found));
            Assert.True((await Scenario.FoundAsync(store, records[1].Vector, 10)).Intersect(Scenario.Naive(records, records[1].Vector, _ => true)[..10]).Count() >= 8);

            // A second import adds and replaces.
            Assert.Equal(2, await store.ImportAsync([records[0] with { Label = "other" }, records[1] with { Path = "more.jpg" }]));
            Assert.Equal(3001, await store.CountAsync());
            Assert.Equal("other", (await store.GetAsync(records[0].Path))!.Label);
        }

        await using (var source = NpgsqlDataSource.Create(server.Require()))
        {
            await using var plan = source.CreateCommand("SELECT indexdef FROM pg_indexes WHERE indexname = 'devise_test_scores_hnsw'");
            Assert.Contains("USING hnsw (embedding vector_cosine_ops)", (string?)await plan.ExecuteScalarAsync(), StringComparison.Ordinal);
        }
        using var other = new PgvectorStore(server.Require(), 5, new() { Table = "devise_test_scores" });
        Assert.Contains("12 values", (await Assert.ThrowsAsync<DeviseInputException>(() => other.EnsureCollectionExistsAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_a_table_has_no_limit()
    {
        Assert.SkipUnless(server.Copies, "PGlite takes one connection: set DEVISE_TEST_POSTGRES to the connection string of a server with pgvector");
        var records = Scenario.Records(5, seed: 2);
        foreach (var copy in (bool[])[true, false])
        {
            using var store = new PgvectorStore(server.Require() + ";Command Timeout=1", Scenario.Dimension, new() { Table = "devise_test_waiting", Copy = copy });
            await store.EnsureCollectionDeletedAsync();
            await store.EnsureCollectionExistsAsync();
            foreach (var work in (Func<Task>[])[() => store.ImportAsync(records), () => store.UpsertAsync(records), () => store.CountAsync(), () => store.DeleteAsync("gone.jpg")])
            {
                await using var source = NpgsqlDataSource.Create(server.Require());
                await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
                await using (var taken = new NpgsqlCommand("LOCK TABLE devise_test_waiting", connection)) await taken.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
                var waiting = work();
                await Task.Delay(2500, TestContext.Current.CancellationToken);
                await transaction.CommitAsync(TestContext.Current.CancellationToken);
                await waiting;
            }
            Assert.Equal(5, await store.CountAsync());
            await store.EnsureCollectionDeletedAsync();
        }
    }

    [Fact]
    public void Options_are_checked()
    {
        Assert.Throws<DeviseInputException>(() => new PgvectorStore("Host=x", 12, new() { Table = "a; DROP TABLE b" }));
        Assert.Throws<DeviseInputException>(() => new PgvectorStore("Host=x", 12, new() { M = 40, EfConstruction = 64 }));
        Assert.Throws<DeviseInputException>(() => new PgvectorStore("Host=x", 2001));
    }
}
