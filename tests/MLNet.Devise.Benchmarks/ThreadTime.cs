using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Benchmarks;

/// <summary>CPU time of the calling thread, where the system tells it (Linux, macOS); else wall time.</summary>
internal static partial class ThreadTime
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID of clock_gettime(3).</summary>
    private static readonly int Id = OperatingSystem.IsMacOS() ? 16 : 3;

    /// <summary>Milliseconds from some point on.</summary>
    public static double Now => OperatingSystem.IsWindows() || GetTime(Id, out var time) != 0 ? Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency : time.Seconds * 1e3 + time.Nanoseconds / 1e6;

    /// <summary>Milliseconds since <paramref name="before"/>, which becomes now.</summary>
    public static double Since(ref double before)
    {
        var (now, then) = (Now, before);
        before = now;
        return now - then;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
