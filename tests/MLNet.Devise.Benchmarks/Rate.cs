using System.Diagnostics;
using System.Globalization;

namespace MLNet.Devise.Benchmarks;

/// <summary>How fast something was.</summary>
/// <param name="Images">Images done.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="CpuSeconds">Time of all processors together, of this process.</param>
internal sealed record Rate(int Images, double Seconds, double CpuSeconds)
{
    public double PerSecond => Images / Seconds;

    public double PerCpuSecond => Images / CpuSeconds;

    /// <summary>Runs work that says how many images it did.</summary>
    public static Rate Of(Func<int> work)
    {
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var images = work();
        return new(images, clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond,8:F1} images/s {PerCpuSecond,8:F1} per CPU-second");
}
