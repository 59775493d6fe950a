using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// libtorch's automatic mixed precision on CPUs: convolutions run in bfloat16, which processors with AVX512-BF16 do about twice as
/// fast. TorchSharp does not bind it, so the C++ functions are called by their exported names; these are those of GCC and Clang, so it is
/// offered on Linux only.
/// </summary>
internal sealed partial class Autocast : IDisposable
{
    private const string Library = "libtorch_cpu.so";
    private const sbyte Cpu = 0, BFloat16 = 15;

    private Autocast()
    {
        SetEnabled(Cpu, true);
        SetType(Cpu, BFloat16);
        _ = IncrementNesting();
    }

    /// <summary>Whether this processor multiplies bfloat16 in hardware (CPUID leaf 7.1, EAX bit 5) and libtorch's functions are there.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 1).Eax >> 5 & 1) == 1 && Probe();

    /// <summary>bfloat16 until disposed, on the calling thread; null, and nothing happens, where it is not wanted.</summary>
    public static Autocast? Enter(bool wanted) => wanted ? new Autocast() : null;

    public void Dispose()
    {
        if (DecrementNesting() == 0) ClearCache();
        SetEnabled(Cpu, false);
    }

    private static bool Probe()
    {
        TorchNative.Ensure();
        try
        {
            SetEnabled(Cpu, false);
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { return false; }
    }

    [LibraryImport(Library, EntryPoint = "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb")]
    private static partial void SetEnabled(sbyte device, [MarshalAs(UnmanagedType.U1)] bool on);

    [LibraryImport(Library, EntryPoint = "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE")]
    private static partial void SetType(sbyte device, sbyte type);

    [LibraryImport(Library, EntryPoint = "_ZN2at8autocast11clear_cacheEv")]
    private static partial void ClearCache();

    [LibraryImport(Library, EntryPoint = "_ZN2at8autocast17increment_nestingEv")]
    private static partial int IncrementNesting();

    [LibraryImport(Library, EntryPoint = "_ZN2at8autocast17decrement_nestingEv")]
    private static partial int DecrementNesting();
}
