namespace MLNet.Devise.Search.Kernels;

/// <summary>Which instructions compute dot products.</summary>
internal enum KernelKind
{
    /// <summary>One value at a time.</summary>
    Scalar,
    /// <summary><see cref="Vector128Kernel"/>.</summary>
    Vector128,
    /// <summary><see cref="Avx2Kernel"/>.</summary>
    Avx2,
    /// <summary><see cref="Avx512Kernel"/>.</summary>
    Avx512,
}

/// <summary>What this processor has.</summary>
internal static class KernelKinds
{
    /// <summary>The widest.</summary>
    public static KernelKind Best { get; } =
        Avx512Kernel.IsSupported ? KernelKind.Avx512 : Avx2Kernel.IsSupported ? KernelKind.Avx2 : Vector128Kernel.IsSupported ? KernelKind.Vector128 : KernelKind.Scalar;

    public static bool IsSupported(this KernelKind kind) => kind switch
    {
        KernelKind.Avx512 => Avx512Kernel.IsSupported,
        KernelKind.Avx2 => Avx2Kernel.IsSupported,
        KernelKind.Vector128 => Vector128Kernel.IsSupported,
        _ => true,
    };
}
