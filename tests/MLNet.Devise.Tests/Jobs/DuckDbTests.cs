using DuckDB.NET.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Tests.Jobs;

/// <summary>A database that shares no code with us reads our Parquet and writes lists that we read.</summary>
public sealed class DuckDbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _database = new("DataSource=:memory:");

    public DuckDbTests() => _database.Open();

    [Fact]
    public void Scores_read_back_in_SQL_and_a_query_makes_the_next_list()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        for (var i = 0; i < 6; i++) Pictures.Save(_folder["images", $"{i}.png"], seed: i);
        _folder.Write("images/bad.png", "no image");
        var list = _folder["images", "list.parquet"];
        Do($"COPY (SELECT CASE WHEN i % 7 = 6 THEN 'bad.png' ELSE (i % 7)::VARCHAR || '.png' END AS Path, i AS Id, i / 2.0::DOUBLE AS Weight, CASE WHEN i > 2 THEN TIMESTAMP '2024-02-29 12:00:00.123456' + i * INTERVAL 1 SECOND END AS Taken, i::UTINYINT AS Small FROM range(21) t(i)) TO '{list}' (FORMAT parquet)");

        var options = new DeviseJobOptions { K = 3, Embeddings = true, PartRows = 4 };
        DeviseJob.Run(bundle, list, _folder["scores.parquet"], options);
        var scores = $"'{_folder["scores.parquet"]}'";
        var expected = ScoreFile.Read(_folder["scores.parquet"]).ToArray();
        Assert.Equal(21L, Ask($"SELECT count(*) FROM {scores}"));
        Assert.Equal(3L, Ask($"SELECT count(*) FROM {scores} WHERE Status = 'unsupported' AND len(Labels) = 0 AND Embedding IS NULL AND Error <> ''"));
        Assert.Equal(expected[1].Labels[0], Ask($"SELECT Labels[1] FROM {scores} WHERE Id = 1"));
        Assert.Equal(expected[1].Scores[2], Ask($"SELECT Scores[3] FROM {scores} WHERE Id = 1"));
        Assert.Equal(expected[1].Embedding!.Value.Span[7], Ask($"SELECT Embedding[8] FROM {scores} WHERE Id = 1"));
        Assert.Equal(18L, Ask($"SELECT count(*) FROM {scores} WHERE abs(list_sum(list_transform(Embedding, x -> x * x)) - 1) < 1e-5"));
        Assert.Equal("DOUBLE TIMESTAMP INTEGER", Ask($"SELECT typeof(Weight) || ' ' || typeof(Taken) || ' ' || typeof(Small) FROM {scores} LIMIT 1"));
        Assert.Equal(3L, Ask($"SELECT count(*) FROM {scores} WHERE Taken IS NULL"));
        Assert.Equal(21L, Ask($"SELECT count(*) FROM {scores} a JOIN '{list}' b USING (Id) WHERE a.Taken IS NOT DISTINCT FROM b.Taken AND a.Weight = b.Weight AND a.Small = b.Small AND a.Path = b.Path"));

        // The parts of shards, read as they are.
        foreach (var shard in Enumerable.Range(0, 3)) DeviseJob.Run(bundle, list, _folder["sharded.parquet"], options with { Shard = new(shard, 3) });
        Assert.Equal("0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20", Ask($"SELECT string_agg(Id, ',') FROM (SELECT Id FROM read_parquet('{_folder["sharded.parquet.parts"]}/*.parquet', filename = true, file_row_number = true) ORDER BY filename, file_row_number)"));

        // A table that a query made of scores is a score file still, and a list of images too.
        Do($"COPY (SELECT * FROM {scores} WHERE Status = 'ok' ORDER BY Id DESC) TO '{_folder["images", "good.parquet"]}' (FORMAT parquet)");
        Assert.Equal(expected.Where(row => row.Error.Length == 0).Reverse().Select(row => row.Path), ScoreFile.Read(_folder["images", "good.parquet"]).Select(row => row.Path));
        Assert.Equal(18, DeviseJob.Run(bundle, _folder["images", "good.parquet"], _folder["again.parquet"]).ByStatus["ok"]);
        Assert.Equal(0L, Ask($"SELECT count(*) FROM {scores} a JOIN '{_folder["again.parquet"]}' b USING (Id) WHERE a.Labels[1] <> b.Labels[1]"));
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    private void Do(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private object? Ask(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
