using TorchSharp.Modules;
using static TorchSharp.torch;
using Layer = (string, TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>);

namespace MLNet.Devise.Training.Backbones;

/// <summary>
/// SqueezeNet 1.1 (Iandola et al. 2016, as revised by its authors): 722,496 parameters without the classifier, 512 feature maps, names as
/// in torchvision. Max-pools round up.
/// </summary>
internal static class SqueezeNet11
{
    /// <summary>The convolutional part: N×3×H×W → N×512×h×w.</summary>
    public static Sequential Features()
    {
        nn.Module<Tensor, Tensor>[] layers =
        [
            nn.Conv2d(3, 64, 3, stride: 2), nn.ReLU(inplace: true), Pool(),
            new Fire(64, 16, 64), new Fire(128, 16, 64), Pool(),
            new Fire(128, 32, 128), new Fire(256, 32, 128), Pool(),
            new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), new Fire(512, 64, 256),
        ];
        return Initialize(nn.Sequential([.. layers.Select((layer, i) => (Layer)($"{i}", layer))]));
    }

    /// <summary>The ImageNet classifier that goes with the features: N×512×h×w → N×1000 logits (the dropout before it is the identity at inference).</summary>
    public static Sequential Classifier() => nn.Sequential([.. new Layer[]
    {
        ("1", nn.Conv2d(512, 1000, 1)), ("2", nn.ReLU(inplace: true)), ("3", nn.AdaptiveAvgPool2d([1, 1])), ("4", nn.Flatten()),
    }]);

    /// <summary>He's uniform initialisation, as torchvision: without batch normalisation the library's default lets the signal fade.</summary>
    private static Sequential Initialize(Sequential features)
    {
        foreach (var conv in features.modules().OfType<Conv2d>())
        {
            nn.init.kaiming_uniform_(conv.weight);
            nn.init.zeros_(conv.bias);
        }
        return features;
    }

    private static MaxPool2d Pool() => nn.MaxPool2d(3, stride: 2, ceil_mode: true);
}
