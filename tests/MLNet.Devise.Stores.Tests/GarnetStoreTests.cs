using Microsoft.Extensions.VectorData;

namespace MLNet.Devise.Stores.Tests;

/// <summary>Against three real nodes; the last test kills one.</summary>
public sealed class GarnetStoreTests(GarnetCluster cluster) : IClassFixture<GarnetCluster>
{
    [Fact]
    public async Task A_cluster_is_a_vector_store_and_a_lost_node_is_never_silent()
    {
        var nodes = cluster.Require();
        using (var store = await GarnetStore.ConnectAsync(nodes, Scenario.Dimension, new() { Name = "scenario", Shards = 6, EfSearch = 400 }))
        {
            await Scenario.RunAsync(store, prefixes: false);
            using var other = await GarnetStore.ConnectAsync(nodes, Scenario.Dimension, new() { Name = "scenario", Shards = 7 });
            Assert.Contains("shards=6", (await Assert.ThrowsAsync<DeviseInputException>(() => other.EnsureCollectionExistsAsync())).Message, StringComparison.Ordinal);
            // With another number of sets some images would be looked for where they are not.
            var some = Scenario.Records(1, seed: 3)[0];
            foreach (var work in (Func<Task>[])[() => Scenario.FoundAsync(other, some.Vector, 3), () => other.GetAsync(some.Path), () => other.DeleteAsync(some.Path), () => other.UpsertAsync(some), () => other.CountAsync()])
                Assert.Contains("shards=6", (await Assert.ThrowsAsync<DeviseInputException>(work)).Message, StringComparison.Ordinal);
            using var asNoted = await GarnetStore.ConnectAsync(nodes, Scenario.Dimension, new() { Name = "scenario", EfSearch = 400 });
            Assert.Equal(await Scenario.FoundAsync(store, some.Vector, 20), await Scenario.FoundAsync(asNoted, some.Vector, 20));
            Assert.Equal(await store.CountAsync(), await asNoted.CountAsync());
            using var gone = await GarnetStore.ConnectAsync(nodes, Scenario.Dimension, new() { Name = "gone" });
            Assert.Contains("no images under this name", (await Assert.ThrowsAsync<DeviseInputException>(() => Scenario.FoundAsync(gone, some.Vector, 3))).Message, StringComparison.Ordinal);
            // As long a filter as Garnet takes, whose last texts count.
            var all = Enumerable.Range(0, 31).Select(i => $"none {i}").Append("label 2").ToArray();
            var labelled = await Scenario.FoundAsync(store, some.Vector, 50, new() { Filter = r => r.Label == "label 2" });
            Assert.NotEmpty(labelled);
            Assert.Equal(labelled, await Scenario.FoundAsync(store, some.Vector, 50, new() { Filter = r => all.Contains(r.Label) }));
            Assert.Equal(await Scenario.NetworkNotedAsync(asNoted, [new('a', 64), new('b', 64)]), await store.NetworkAsync());
            await asNoted.EnsureCollectionDeletedAsync();
            Assert.False(await store.CollectionExistsAsync());
        }

        var records = Scenario.Records(300, seed: 4);
        var query = records[5].Vector;
        var reports = new List<PartialAnswerException>();
        using var strict = await GarnetStore.ConnectAsync(nodes, Scenario.Dimension, new() { Name = "lost", Shards = 12, EfSearch = 300, Timeout = TimeSpan.FromSeconds(3) });
        using var lenient = await GarnetStore.ConnectAsync(nodes, Scenario.Dimension, new() { Name = "lost", Shards = 12, EfSearch = 300, Timeout = TimeSpan.FromSeconds(3), OnPartial = reports.Add });
        Assert.Equal(300, await strict.ImportAsync(records));
        var whole = Scenario.Naive(records, query, _ => true);
        Assert.Equal(whole[..20], await Scenario.FoundAsync(lenient, query, 20));
        Assert.Empty(reports);

        // A node that dies while it is asked: every answer is whole, or says what is missing.
        using var ended = new CancellationTokenSource();
        var searches = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            var (whole20, lost) = (0, 0);
            while (!ended.IsCancellationRequested)
            {
                try
                {
                    // Vectors are asked for one by one after the search: their node may be lost only then.
                    Assert.Equal(whole[..20], await Scenario.FoundAsync(strict, query, 20, new() { IncludeVectors = i % 2 == 0 }));
                    whole20++;
                }
                catch (PartialAnswerException e)
                {
                    Assert.InRange(e.Missing.Count, 1, 11);
                    lost++;
                }
            }
            return (whole20, lost);
        })).ToArray();
        await Task.Delay(300);
        cluster.Kill(1);
        await Task.Delay(1500);
        await ended.CancelAsync();
        Assert.All(await Task.WhenAll(searches), seen => Assert.True(seen is { whole20: > 0, lost: > 0 }, $"{seen}"));

        var error = await Assert.ThrowsAsync<PartialAnswerException>(() => Scenario.FoundAsync(strict, query, 300));
        Assert.InRange(error.Missing.Count, 1, 11);
        var partial = await Scenario.FoundAsync(lenient, query, 300);
        Assert.Equal(error.Missing, Assert.Single(reports).Missing);
        Assert.InRange(partial.Length, 1, 299);
        // What came is right, in the right order; only the lost node's images are missing.
        Assert.Equal(whole.Where(partial.Contains), partial);

        // Where nobody answers there is no part to be content with.
        cluster.Kill(0);
        cluster.Kill(2);
        Assert.Equal(12, (await Assert.ThrowsAsync<PartialAnswerException>(() => Scenario.FoundAsync(lenient, query, 20))).Missing.Count);
    }

    [Fact]
    public async Task A_server_without_vector_sets_is_told_what_it_lacks()
    {
        using var store = await GarnetStore.ConnectAsync(await cluster.PlainAsync(), Scenario.Dimension, new() { Name = "plain", Shards = 3, OnPartial = _ => Assert.Fail("no part of an answer") });
        await store.EnsureCollectionExistsAsync();
        var records = Scenario.Records(2, seed: 1);
        foreach (var work in (Func<Task>[])[() => Scenario.FoundAsync(store, records[0].Vector, 3), () => store.UpsertAsync(records), () => store.CountAsync()])
            Assert.Contains("--enable-vector-set-preview", (await Assert.ThrowsAsync<VectorStoreException>(work)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_asked_for_a_caller_who_has_given_up()
    {
        using var store = await GarnetStore.ConnectAsync(await cluster.PlainAsync(), Scenario.Dimension, new() { Name = "cancelled", Shards = 3 });
        using var ended = new CancellationTokenSource();
        await ended.CancelAsync();
        foreach (var work in (Func<Task>[])[() => store.EnsureCollectionExistsAsync(ended.Token), () => store.CollectionExistsAsync(ended.Token), () => store.NetworkAsync(ended.Token), () => store.CountAsync(ended.Token),
            () => store.GetAsync("x", null, ended.Token), () => store.DeleteAsync("x", ended.Token), () => store.EnsureCollectionDeletedAsync(ended.Token), () => store.UpsertAsync(Scenario.Records(1, seed: 1), ended.Token)])
            await Assert.ThrowsAnyAsync<OperationCanceledException>(work);
        Assert.False(await store.CollectionExistsAsync());
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_told_without_the_password()
    {
        var error = await Assert.ThrowsAsync<DeviseInputException>(() => GarnetStore.ConnectAsync("127.0.0.1:9,password=half,hidden=rest", 4));
        Assert.DoesNotContain("hidden", error.ToString(), StringComparison.Ordinal);
    }
}
