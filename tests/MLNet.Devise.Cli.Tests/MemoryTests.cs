using System.Globalization;

namespace MLNet.Devise.Cli.Tests;

/// <summary>Memory does not grow with the number of rows.</summary>
public sealed class MemoryTests : IDisposable
{
    // What the collector lets lie before it first looks goes by the processor's cache, and there are caches of hundreds of MB: 16 MB here.
    private static readonly Dictionary<string, string> Collector = new() { ["DOTNET_GCgen0size"] = "0x1000000" };

    private readonly Batch _batch = new();

    [Fact]
    public void Memory_is_flat_once_a_job_is_warm_and_no_more_for_a_hundred_times_the_rows()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc for a process's memory");
        var (few, _) = Run(1_000);
        var (many, sizes) = Run(100_000);
        // Quarters of the run: in the first it warms up, and the garbage collector settles slowly after that.
        var (second, last) = (Median(sizes[(sizes.Count / 4)..(sizes.Count / 2)]), Median(sizes[(sizes.Count * 3 / 4)..]));
        TestContext.Current.TestOutputHelper?.WriteLine($"peak memory: {few} MB with 1,000 rows, {many} MB with 100,000; median {second} MB in the second quarter, {last} MB in the last");
        // Holding the rows would take 100,000 × 1.5 KB and more; the garbage collector's own headroom is some tens of MB.
        Assert.InRange(many, 0, few + 60);
        Assert.InRange(last, 0, second + 30);
    }

    public void Dispose() => _batch.Dispose();

    /// <summary>The largest resident set of a job's process, and its sizes ten times a second, in MB.</summary>
    private (int Peak, List<int> Sizes) Run(int rows)
    {
        using var process = Devise.Start(Collector, ["score", _batch.Bundle, "--images", _batch.List(rows), "--out", _batch[$"{rows}.parquet"], "--embeddings", "--quiet"]);
        var (error, peak, sizes) = (process.StandardError.ReadToEndAsync(), 0, new List<int>());
        while (!process.WaitForExit(100))
        {
            if (Read(process.Id, "VmHWM:") is not { } most || Read(process.Id, "VmRSS:") is not { } now) continue;
            peak = Math.Max(peak, most);
            sizes.Add(now);
        }
        Assert.True(process.ExitCode == 0, error.GetAwaiter().GetResult());
        return (peak, sizes);
    }

    private static int Median(List<int> sizes) => sizes.Order().ElementAt(sizes.Count / 2);

    private static int? Read(int process, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
