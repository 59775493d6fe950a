using static TorchSharp.torch;

namespace MLNet.Devise.Training.Backbones;

/// <summary>A tensor of a weights file: 32-bit floats, row-major.</summary>
internal sealed record NamedTensor(long[] Shape, float[] Values)
{
    /// <summary>A copy of a tensor's values.</summary>
    public static NamedTensor Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var contiguous = tensor.detach().cpu().contiguous();
        return new([.. contiguous.shape], contiguous.data<float>().ToArray());
    }
}
