using System.Runtime.InteropServices;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// Keeps glibc from handing every large tensor back to the system and asking for it again at the next step: page faults are a fifth of a
/// step otherwise. Elsewhere than on glibc nothing happens.
/// </summary>
internal static partial class AllocatorTuning
{
    // Parameters of mallopt(3).
    private const int TrimThreshold = -1, TopPad = -2, MmapMax = -4, ArenaMax = -8;

    private static readonly Lazy<bool> Tuned = new(() =>
    {
        if (!OperatingSystem.IsLinux()) return false;
        try { return Mallopt(ArenaMax, 1) == 1 && Mallopt(MmapMax, 0) == 1 && Mallopt(TrimThreshold, int.MaxValue) == 1 && Mallopt(TopPad, 256 << 20) == 1; }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { return false; }
    });

    /// <summary>Tunes the process, once, and runs <paramref name="work"/> on a new thread: an older one may be bound to an arena of its own, which the settings do not reach.</summary>
    public static T Run<T>(Func<T> work)
    {
        _ = Tuned.Value;
        return Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).GetAwaiter().GetResult();
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);
}
