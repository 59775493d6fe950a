using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.Devise.Training.Learning;

/// <summary>Maximum and mean over all positions, side by side: N×f×h×w → N×2f×1×1, maximum first (fastai).</summary>
internal sealed class AdaptiveConcatPool2d : nn.Module<Tensor, Tensor>
{
    private static readonly long[] One = [1, 1];

    public AdaptiveConcatPool2d() : base(nameof(AdaptiveConcatPool2d)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat([F.adaptive_max_pool2d(input, One), F.adaptive_avg_pool2d(input, One)], 1).MoveToOuterDisposeScope();
    }
}
