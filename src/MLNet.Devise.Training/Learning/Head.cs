using MLNet.Devise.Training.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Layer = (string, TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>);

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// fastai v1's head with the embedding as its last hidden layer:
/// pool → BN → dropout → 512 → ReLU → BN → dropout → 300 → ReLU → BN, and in stage 1 → dropout → classes → BN on top.
/// </summary>
internal static class Head
{
    /// <summary>Width of the first linear layer.</summary>
    private const int Hidden = 512;

    /// <summary>Layers at its beginning that only pool, and so belong to what a frozen backbone computes.</summary>
    public const int PoolingLayers = 2;

    /// <summary>The head of stage 1: feature maps → logits.</summary>
    public static Sequential Classifier(int featureMaps, int dimension, int classes, HeadOptions options)
    {
        var head = Assemble([.. Embedding(featureMaps, dimension, HeadKind.Fastai, options), nn.Dropout(options.LastDropout), nn.Linear(dimension, classes), BatchNormalization.OfRows(classes)]);
        return Initialize(head);
    }

    /// <summary>The head of stage 2: feature maps → embedding.</summary>
    public static Sequential Embedder(int featureMaps, int dimension, HeadOptions options) =>
        Initialize(Assemble([.. Embedding(featureMaps, dimension, options.Kind, options)]));

    private static nn.Module<Tensor, Tensor>[] Embedding(int featureMaps, int dimension, HeadKind kind, HeadOptions options)
    {
        nn.Module<Tensor, Tensor>[] layers =
        [
            new AdaptiveConcatPool2d(), nn.Flatten(), BatchNormalization.OfRows(2 * featureMaps), nn.Dropout(options.Dropout), nn.Linear(2 * featureMaps, Hidden), nn.ReLU(),
            BatchNormalization.OfRows(Hidden), nn.Dropout(options.Dropout), nn.Linear(Hidden, dimension),
        ];
        return kind == HeadKind.Linear ? layers : [.. layers, nn.ReLU(), BatchNormalization.OfRows(dimension)];
    }

    private static Sequential Assemble(nn.Module<Tensor, Tensor>[] layers) => nn.Sequential([.. layers.Select((layer, i) => (Layer)($"{i}", layer))]);

    private static Sequential Initialize(Sequential head)
    {
        foreach (var linear in head.children().OfType<Linear>())
        {
            nn.init.kaiming_normal_(linear.weight);
            nn.init.zeros_(linear.bias);
        }
        return head;
    }
}
