using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Backbones;

/// <summary>ResNet's building block: two 3×3 convolutions and a way around them (He et al. 2015, arXiv:1512.03385).</summary>
internal sealed class BasicBlock : nn.Module<Tensor, Tensor>
{
    // Field names are torchvision's parameter names.
    public readonly Conv2d conv1, conv2;
    public readonly BatchNormalization bn1, bn2;
    public readonly Sequential? downsample;

    public BasicBlock(long input, long output, long stride) : base(nameof(BasicBlock))
    {
        conv1 = nn.Conv2d(input, output, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNormalization.OfMaps(output);
        conv2 = nn.Conv2d(output, output, 3, padding: 1, bias: false);
        bn2 = BatchNormalization.OfMaps(output);
        if (stride != 1 || input != output) downsample = nn.Sequential(("0", nn.Conv2d(input, output, 1, stride: stride, bias: false)), ("1", BatchNormalization.OfMaps(output)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var around = downsample is null ? input : downsample.call(input);
        var through = bn2.call(conv2.call(bn1.call(conv1.call(input)).relu_()));
        return through.Plus_(around).relu_().MoveToOuterDisposeScope();
    }
}
