using System.Globalization;

namespace MLNet.Devise.Cli.Tests;

/// <summary>Memory does not grow with the number of rows.</summary>
public sealed class MemoryTests : IDisposable
{
    private readonly Batch _batch = new();

    [Fact]
    public void A_hundred_times_the_rows_take_no_more_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc for a process's peak memory");
        var (few, many) = (Peak(1_000), Peak(100_000));
        TestContext.Current.TestOutputHelper?.WriteLine($"peak memory: {few} MB with 1,000 rows, {many} MB with 100,000");
        // Holding the rows would take 100,000 × 1.5 KB and more; the garbage collector's own headroom is some tens of MB.
        Assert.InRange(many, 0, few + 60);
    }

    public void Dispose() => _batch.Dispose();

    /// <summary>The largest resident set of a job's process, in MB.</summary>
    private int Peak(int rows)
    {
        using var process = Devise.Start("score", _batch.Bundle, "--images", _batch.List(rows), "--out", _batch[$"{rows}.parquet"], "--embeddings", "--quiet");
        var (error, peak) = (process.StandardError.ReadToEndAsync(), 0);
        while (!process.WaitForExit(50))
            if (Read(process.Id) is { } now) peak = Math.Max(peak, now);
        Assert.True(process.ExitCode == 0, error.GetAwaiter().GetResult());
        return peak;
    }

    private static int? Read(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
