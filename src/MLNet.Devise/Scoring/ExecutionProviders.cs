using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace MLNet.Devise.Scoring;

/// <summary>Turns an <see cref="ExecutionProvider"/> into settings of an ONNX Runtime session.</summary>
internal static class ExecutionProviders
{
    /// <summary>What is there with the ONNX Runtime package at hand.</summary>
    public static IReadOnlyList<ExecutionProvider> Available { get; } = [.. Enum.GetValues<ExecutionProvider>().Where(provider => OrtEnv.Instance().GetAvailableProviders().Contains(OrtName(provider)))];

    /// <summary>Whether this processor multiplies bytes into 32-bit sums: CPUID leaf 7, ECX bit 11 (AVX512-VNNI), or leaf 7.1, EAX bit 4 (AVX-VNNI).</summary>
    private static bool HasVnni { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && ((X86Base.CpuId(7, 0).Ecx >> 11 & 1) == 1 || (X86Base.CpuId(7, 1).Eax >> 4 & 1) == 1);

    /// <summary>ONNX Runtime's name of a provider.</summary>
    public static string OrtName(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.Cpu => "CPUExecutionProvider",
        ExecutionProvider.Cuda => "CUDAExecutionProvider",
        ExecutionProvider.TensorRt => "TensorrtExecutionProvider",
        ExecutionProvider.DirectMl => "DmlExecutionProvider",
        ExecutionProvider.CoreMl => "CoreMLExecutionProvider",
        ExecutionProvider.Nnapi => "NnapiExecutionProvider",
        ExecutionProvider.Xnnpack => "XnnpackExecutionProvider",
        ExecutionProvider.OpenVino => "OpenVINOExecutionProvider",
        ExecutionProvider.Qnn => "QNNExecutionProvider",
        _ => throw new DeviseInputException($"provider: {provider}, expected one of {Names(Enum.GetValues<ExecutionProvider>())}"),
    };

    /// <summary>Throws where the ONNX Runtime package at hand lacks a provider.</summary>
    /// <exception cref="DeviseInputException">It does; the message names the package that has it.</exception>
    public static void Check(ExecutionProvider provider) => Check(provider, Available);

    /// <inheritdoc cref="Check(ExecutionProvider)"/>
    public static void Check(ExecutionProvider provider, IReadOnlyList<ExecutionProvider> available)
    {
        var name = OrtName(provider);
        if (!available.Contains(provider))
            throw new DeviseInputException($"provider: the ONNX Runtime package at hand has no {name} (it has {Names(available)}); reference {Package(provider)}, or take --provider cpu");
    }

    /// <summary>Settings of a session that runs on a provider; the caller disposes them after making the session.</summary>
    /// <param name="provider">What computes.</param>
    /// <param name="intraOpThreads">Threads that one run may use, at least 1; counts for the processor's part.</param>
    /// <exception cref="DeviseInputException">The provider is not there, or does not start.</exception>
    public static SessionOptions Settings(ExecutionProvider provider, int intraOpThreads)
    {
        Check(provider);
        var settings = new SessionOptions { IntraOpNumThreads = intraOpThreads, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL };
        try
        {
            // Threads that wait actively take the processor from those that decode.
            settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            // Processors without VNNI add products of int8 networks up in 16 bits, which can overflow; told to be exact, they do not. The
            // others are exact by themselves. (Seven-bit weights would be so everywhere, but cost .001 of the cosine.)
            if (!HasVnni) settings.AddSessionConfigEntry("session.x64quantprecision", "1");
            Append(settings, provider, intraOpThreads);
            return settings;
        }
        catch (Exception e)
        {
            settings.Dispose();
            if (e is not (OnnxRuntimeException or NotSupportedException or EntryPointNotFoundException or DllNotFoundException)) throw;
            throw new DeviseInputException($"provider: {OrtName(provider)} does not start: {e.Message.ReplaceLineEndings(" ")}; install what {Package(provider)} asks for, or take --provider cpu", e);
        }
    }

    private static void Append(SessionOptions settings, ExecutionProvider provider, int threads)
    {
        switch (provider)
        {
            case ExecutionProvider.Cpu: break; // always there, last
            case ExecutionProvider.Cuda: settings.AppendExecutionProvider_CUDA(); break;
            case ExecutionProvider.TensorRt: settings.AppendExecutionProvider_Tensorrt(); break;
            case ExecutionProvider.DirectMl:
                settings.EnableMemoryPattern = false; // as DirectML demands
                settings.AppendExecutionProvider_DML();
                break;
            case ExecutionProvider.CoreMl: settings.AppendExecutionProvider("CoreML"); break;
            case ExecutionProvider.Nnapi: settings.AppendExecutionProvider_Nnapi(); break;
            case ExecutionProvider.Xnnpack:
                settings.AppendExecutionProvider("XNNPACK", new() { ["intra_op_num_threads"] = threads.ToString(CultureInfo.InvariantCulture) });
                break;
            case ExecutionProvider.OpenVino: settings.AppendExecutionProvider("OpenVINO"); break;
            case ExecutionProvider.Qnn: settings.AppendExecutionProvider("QNN"); break;
        }
    }

    /// <summary>The NuGet package that has a provider.</summary>
    private static string Package(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.Cuda or ExecutionProvider.TensorRt => "Microsoft.ML.OnnxRuntime.Gpu",
        ExecutionProvider.DirectMl => "Microsoft.ML.OnnxRuntime.DirectML",
        ExecutionProvider.CoreMl => "Microsoft.ML.OnnxRuntime on macOS or iOS",
        ExecutionProvider.Nnapi => "Microsoft.ML.OnnxRuntime on Android",
        ExecutionProvider.Xnnpack => "Microsoft.ML.OnnxRuntime on Android or iOS",
        ExecutionProvider.OpenVino => "Intel.ML.OnnxRuntime.OpenVino",
        ExecutionProvider.Qnn => "Microsoft.ML.OnnxRuntime.QNN",
        _ => "Microsoft.ML.OnnxRuntime",
    };

    private static string Names(IEnumerable<ExecutionProvider> providers) => string.Join(", ", providers.Select(provider => provider.ToString().ToLowerInvariant()));
}
