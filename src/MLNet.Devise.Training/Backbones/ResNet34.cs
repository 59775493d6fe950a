using TorchSharp.Modules;
using static TorchSharp.torch;
using Layer = (string, TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>);

namespace MLNet.Devise.Training.Backbones;

/// <summary>ResNet-34 (He et al. 2015, arXiv:1512.03385): 21,284,672 parameters without the classifier, 512 feature maps, names as in torchvision.</summary>
internal static class ResNet34
{
    /// <summary>Blocks of the four layers; each doubles the channels of the one before.</summary>
    private static readonly int[] Blocks = [3, 4, 6, 3];

    /// <summary>The convolutional part: N×3×H×W → N×512×h×w.</summary>
    public static Sequential Features()
    {
        var layers = new List<Layer>
        {
            ("conv1", nn.Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false)), ("bn1", BatchNormalization.OfMaps(64)), ("relu", nn.ReLU(inplace: true)),
            ("maxpool", nn.MaxPool2d(3, stride: 2, padding: 1)),
        };
        var channels = 64;
        for (var i = 0; i < Blocks.Length; i++)
        {
            var output = 64 << i;
            layers.Add(($"layer{i + 1}", nn.Sequential([.. Enumerable.Range(0, Blocks[i]).Select(block =>
                (Layer)($"{block}", new BasicBlock(block == 0 ? channels : output, output, block == 0 && i > 0 ? 2 : 1)))])));
            channels = output;
        }
        return Initialize(nn.Sequential([.. layers]));
    }

    /// <summary>He's normal initialisation by outputs, as torchvision; batch normalisation starts as the identity by itself.</summary>
    private static Sequential Initialize(Sequential features)
    {
        foreach (var conv in features.modules().OfType<Conv2d>())
            nn.init.kaiming_normal_(conv.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
        return features;
    }
}
