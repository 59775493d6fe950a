using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace MLNet.Devise.Training;

/// <summary>
/// Loads TorchSharp's native library where its own loader fails: on Linux with a libstdc++ older than GCC 13's (Debian 12, Ubuntu
/// 22.04). There <c>libLibTorchSharp.so</c> asks for a symbol version that the system lacks, for the sake of one function that nothing
/// calls; <see cref="ElfPatch"/> lifts that demand in a private copy.
/// </summary>
internal static partial class TorchNative
{
    private const string Library = "LibTorchSharp";
    private static readonly string[] Dependencies = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The resolver must be there before any TorchSharp type is touched, without the user doing anything.")]
    internal static void Install()
    {
        if (OperatingSystem.IsLinux()) AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
    }

    /// <summary>libtorch warns of every convolution that NNPACK, which it does not need, cannot speed up. A level that the user has set stays.</summary>
    private static readonly Lazy<bool> Quiet = new(() =>
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            if (SetEnvironment("TORCH_CPP_LOG_LEVEL", "ERROR", 0) == 0) InitLogging();
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { return false; }
    });

    /// <summary>Makes sure that TorchSharp works here, else says what is missing.</summary>
    /// <exception cref="DeviseInputException">The native libraries cannot be loaded.</exception>
    public static void Ensure()
    {
        try
        {
            using var probe = torch.zeros(1);
            _ = Quiet.Value;
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or DllNotFoundException or EntryPointNotFoundException or FileNotFoundException)
        {
            throw new DeviseInputException($"TorchSharp cannot be loaded on {RuntimeInformation.RuntimeIdentifier}, so training and export are not possible here (scoring is): {Reason(e)}", e);
        }
    }

    private static string Reason(Exception error)
    {
        if (Find($"lib{Library}.so") is not { } path)
            return OperatingSystem.IsLinux()
                ? $"lib{Library}.so is not beside the program; reference a libtorch package for this system (libtorch-cpu-linux-x64 is the only one for Linux)"
                : error.GetBaseException().Message;
        foreach (var name in Dependencies.Append($"lib{Library}.so"))
        {
            try { NativeLibrary.Load(Path.Combine(Path.GetDirectoryName(path)!, name)); }
            catch (DllNotFoundException e) { return e.Message.ReplaceLineEndings(" "); }
        }
        return error.GetBaseException().Message;
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (name != Library || Find($"lib{Library}.so") is not { } path) return 0;
        var folder = Path.GetDirectoryName(path)!;
        // Its dependencies are found by the names already loaded, wherever the copy lies.
        foreach (var dependency in Dependencies)
            if (!NativeLibrary.TryLoad(Path.Combine(folder, dependency), out _)) return 0;
        if (NativeLibrary.TryLoad(path, out var handle)) return handle;

        var bytes = File.ReadAllBytes(path);
        if (!ElfPatch.TryLiftVersionDemand(bytes)) return 0;
        var copy = Path.Combine(Path.GetTempPath(), $"lib{Library}-{Guid.NewGuid():N}.so");
        try
        {
            File.WriteAllBytes(copy, bytes);
            return NativeLibrary.TryLoad(copy, out handle) ? handle : 0;
        }
        finally { File.Delete(copy); }
    }

    /// <summary>The C library's environment, which native code reads; .NET's own is a copy.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    /// <summary><c>c10::initLogging</c>: reads the level from the environment, which only Python's libtorch does by itself.</summary>
    [LibraryImport("libc10.so", EntryPoint = "_ZN3c1011initLoggingEv")]
    private static partial void InitLogging();

    private static string? Find(string file) =>
        new[] { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"), Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native") }
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
}
