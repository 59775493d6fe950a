using TorchSharp.Modules;

namespace MLNet.Devise.Training.Backbones;

/// <summary>
/// What training needs to know of an architecture, a row of <see cref="All"/>: how to make it, where its layer groups split, and the
/// statistics that its weights expect.
/// </summary>
/// <param name="Name">torchvision's name.</param>
/// <param name="Create">Makes the convolutional part, N×3×H×W → N×<paramref name="FeatureMaps"/>×h×w.</param>
/// <param name="Layers">Children of that part.</param>
/// <param name="FeatureMaps">Channels of its output.</param>
/// <param name="Splits">Children at which a new layer group starts, as fastai v1 has them; the head is one more group.</param>
/// <param name="WeightPrefix">What stands before the children's names in torchvision's weights.</param>
/// <param name="Classifier">The layer of those weights that makes ImageNet's logits of every position's features.</param>
internal sealed record Backbone(string Name, Func<Sequential> Create, int Layers, int FeatureMaps, int[] Splits, string WeightPrefix, PretrainedClassifier Classifier)
{
    /// <summary>Mean of ImageNet's red, green and blue in 0..1, which torchvision's weights expect to be taken off.</summary>
    public static readonly float[] Mean = [0.485f, 0.456f, 0.406f];

    /// <summary>Standard deviation of the same.</summary>
    public static readonly float[] Std = [0.229f, 0.224f, 0.225f];

    /// <summary>Every architecture that can be trained.</summary>
    public static readonly IReadOnlyList<Backbone> All =
    [
        new("squeezenet1_1", SqueezeNet11.Features, 13, 512, [5, 8], "features.", new("classifier.1", Rectifies: true)),
        new("resnet34", ResNet34.Features, 8, 512, [6], "", new("fc", Rectifies: false)),
    ];

    /// <exception cref="DeviseInputException">No such backbone.</exception>
    public static Backbone ByName(string name) => All.FirstOrDefault(backbone => backbone.Name == name)
        ?? throw new DeviseInputException($"backbone '{name}', expected one of {string.Join(", ", All.Select(backbone => backbone.Name))}");
}

/// <summary>Where pretrained weights keep their last layer.</summary>
/// <param name="Name">What stands before <c>.weight</c> (classes × f) and <c>.bias</c>.</param>
/// <param name="Rectifies">Whether ReLU follows, before the mean over positions.</param>
internal sealed record PretrainedClassifier(string Name, bool Rectifies);
