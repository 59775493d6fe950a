using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli.Tests;

/// <summary>
/// Processes killed at random moments and started again lose no row, repeat none, and end with what an uninterrupted run writes.
/// <c>DEVISE_KILL_SHARDS</c>, <c>DEVISE_KILL_ROWS</c> and <c>DEVISE_KILLS_A_SHARD</c> make the test larger.
/// </summary>
public sealed class KillTests : IDisposable
{
    private const int PartRows = 200;

    private readonly Batch _batch = new();
    private readonly Dictionary<int, Process> _running = [];

    private static int Shards => Number("DEVISE_KILL_SHARDS", 3);

    private static int Rows => Number("DEVISE_KILL_ROWS", 12_000);

    private static int KillsAShard => Number("DEVISE_KILLS_A_SHARD", 4);

    [Fact]
    public void Shards_killed_at_random_moments_and_resumed_have_every_input_once()
    {
        var list = _batch.List(Rows);
        var (random, kills, starts) = (new Random(1), 0, 0);
        // Spread over the whole job: one kill each time that so many parts are finished.
        var moments = Enumerable.Range(0, KillsAShard * Shards).Select(_ => random.Next(Rows / PartRows * 9 / 10)).Order().ToArray();
        for (var shard = 0; shard < Shards; shard++) Launch(shard);
        var deadline = Stopwatch.StartNew();
        while (_running.Count > 0)
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromMinutes(30), "the shards do not come to an end");
            Thread.Sleep(random.Next(60));
            foreach (var (shard, process) in _running.Where(pair => pair.Value.HasExited).ToArray())
            {
                Assert.True(process.ExitCode == 0, $"shard {shard}: exit code {process.ExitCode}: {process.StandardError.ReadToEnd()}");
                process.Dispose();
                _running.Remove(shard);
            }
            if (_running.Count == 0 || kills == moments.Length || Finished() < moments[kills]) continue;
            var victim = _running.Keys.ElementAt(random.Next(_running.Count));
            var killed = _running[victim];
            killed.Kill();
            killed.WaitForExit();
            if (killed.ExitCode == 0) continue;
            killed.Dispose();
            kills++;
            Launch(victim);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{Shards} shards, {Rows} rows, {kills} kills, {starts} starts, {deadline.Elapsed.TotalSeconds:F0} s");
        Assert.True(kills > 2 * Shards, $"only {kills} processes were killed, too few to show anything");

        var merge = Devise.Run("score", "merge", _batch["scores.csv"], "--json");
        Assert.True(merge.ExitCode == 0, merge.Error);
        Assert.Equal(Rows, JsonDocument.Parse(merge.Output).RootElement.GetProperty("rows").GetInt32());
        // Number and path of every input, in order, once.
        var expected = File.ReadLines(list).Skip(1).Select(line => line.Split(',')).Select(field => (field[1], field[0]));
        var found = File.ReadLines(_batch["scores.csv"]).Skip(1).Select(line => (line[(line.LastIndexOf(',') + 1)..], line[..line.IndexOf(',')]));
        Assert.Equal(expected, found);
        foreach (var row in ScoreFile.Read(_batch["scores.csv"]))
            Assert.Equal(row.Path switch { "gone.png" => ImageStatus.Missing, "text.jpg" => ImageStatus.Unsupported, "empty.png" => ImageStatus.Corrupt, _ => ImageStatus.Ok }, row.Status);
        Assert.Empty(Directory.GetFiles(_batch["scores.csv.parts"], "*.partial"));

        var whole = Devise.Run("score", _batch.Bundle, "--images", list, "--out", _batch["whole.csv"], "--workers", "1", "--quiet");
        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Equal(File.ReadLines(_batch["whole.csv"]), File.ReadLines(_batch["scores.csv"]));

        void Launch(int shard)
        {
            starts++;
            _running[shard] = Devise.Start("score", _batch.Bundle, "--images", list, "--out", _batch["scores.csv"], "--shard", $"{shard}/{Shards}", "--part-rows", $"{PartRows}", "--workers", "1", "--resume", "--quiet");
        }
    }

    private int Finished() => Directory.Exists(_batch["scores.csv.parts"]) ? Directory.GetFiles(_batch["scores.csv.parts"], "*.stats.json").Length : 0;

    public void Dispose()
    {
        foreach (var process in _running.Values)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        _batch.Dispose();
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
