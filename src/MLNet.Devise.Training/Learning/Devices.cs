using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Where a network is trained.</summary>
internal static class Devices
{
    /// <exception cref="DeviseInputException">There is no such device, or the libtorch at hand cannot use it.</exception>
    public static Device Of(TrainingDevice device) => device switch
    {
        TrainingDevice.Cpu => CPU,
        _ when cuda.is_available() => CUDA,
        _ => throw new DeviseInputException("device: cuda, but no CUDA device can be used here, expected cpu; to train on CUDA, build with TorchSharp-cuda-linux or TorchSharp-cuda-windows in the place of libtorch-cpu (README, Train on CUDA) and install NVIDIA's driver"),
    };
}
