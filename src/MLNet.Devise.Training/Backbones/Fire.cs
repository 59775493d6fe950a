using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Backbones;

/// <summary>SqueezeNet's building block: a 1×1 squeeze, then 1×1 and 3×3 expansions side by side (Iandola et al. 2016, arXiv:1602.07360).</summary>
internal sealed class Fire : nn.Module<Tensor, Tensor>
{
    // Field names are torchvision's parameter names.
    public readonly Conv2d squeeze, expand1x1, expand3x3;

    public Fire(long input, long squeezed, long expanded) : base(nameof(Fire))
    {
        squeeze = nn.Conv2d(input, squeezed, 1);
        expand1x1 = nn.Conv2d(squeezed, expanded, 1);
        expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var squeezed = squeeze.call(input).relu_();
        return cat([expand1x1.call(squeezed).relu_(), expand3x3.call(squeezed).relu_()], 1).MoveToOuterDisposeScope();
    }
}
