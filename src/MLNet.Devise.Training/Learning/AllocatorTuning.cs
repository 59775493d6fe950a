using System.Runtime.InteropServices;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// Keeps glibc from handing every large tensor back to the system and asking for it again at the next step: page faults are a fifth of a
/// step otherwise. Elsewhere than on glibc nothing happens.
/// </summary>
internal static partial class AllocatorTuning
{
    // Parameters of mallopt(3).
    private const int TrimThreshold = -1, TopPad = -2, MmapMax = -4;

    private static readonly Lazy<bool> Tuned = new(() =>
    {
        if (!OperatingSystem.IsLinux()) return false;
        try { return Mallopt(MmapMax, 0) == 1 && Mallopt(TrimThreshold, int.MaxValue) == 1 && Mallopt(TopPad, 256 << 20) == 1; }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { return false; }
    });

    /// <summary>Tunes the process, once.</summary>
    /// <returns>Whether the allocator took the settings.</returns>
    public static bool Apply() => Tuned.Value;

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);
}
