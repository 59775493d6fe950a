using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>(image − mean) / std per colour: N×3×H×W in 0..1 → what the backbone's weights expect. Part of the network, so that it is exported with it.</summary>
internal sealed class Normalize : nn.Module<Tensor, Tensor>
{
    private readonly Tensor mean, std;

    public Normalize(float[] mean, float[] std) : base(nameof(Normalize))
    {
        (Mean, Std) = (mean, std);
        this.mean = tensor(mean).reshape(1, 3, 1, 1);
        this.std = tensor(std).reshape(1, 3, 1, 1);
        // Constants of the architecture, not state: they are not saved with the weights.
        register_buffer(nameof(mean), this.mean, persistent: false);
        register_buffer(nameof(std), this.std, persistent: false);
    }

    public float[] Mean { get; }

    public float[] Std { get; }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.sub(mean).div_(std).MoveToOuterDisposeScope();
    }
}
