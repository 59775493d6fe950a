using MLNet.Devise.Training.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// The pretrained classifier as a second, fixed head: feature maps → logits of the labels it knows → the mean of their vectors, weighted
/// with their probabilities (<see cref="PriorOptions"/>).
/// </summary>
internal sealed class Prior : nn.Module
{
    public readonly Conv2d classifier;
    public readonly Tensor vectors;

    private readonly Backbone _backbone;
    // Added to the logits: −∞ where a label is not to be said.
    private readonly Tensor? _mask;

    /// <param name="backbone">Whose classifier it is.</param>
    /// <param name="labels">How many labels.</param>
    /// <param name="dimension">Values a word vector.</param>
    /// <param name="weight">Length of its vector beside the head's.</param>
    public Prior(Backbone backbone, int labels, int dimension, double weight) : this(backbone, nn.Conv2d(backbone.FeatureMaps, labels, 1), zeros(labels, dimension), weight, [], null) { }

    private Prior(Backbone backbone, Conv2d classifier, Tensor vectors, double weight, IReadOnlyList<int> classes, Tensor? mask) : base(nameof(Prior))
    {
        (_backbone, this.classifier, this.vectors, Weight, Classes, _mask) = (backbone, classifier, vectors, weight, classes, mask);
        register_buffer(nameof(vectors), vectors);
        RegisterComponents();
        foreach (var parameter in classifier.parameters()) parameter.requires_grad = false;
    }

    public double Weight { get; }

    /// <summary>How many labels it knows.</summary>
    public int Count => (int)vectors.shape[0];

    /// <summary>Which of ImageNet's classes they are; empty where it was read from a run.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>Whether its classifier ends in ReLU, before the mean over positions.</summary>
    public bool Rectifies => _backbone.Classifier.Rectifies;

    /// <summary>Takes the labels' rows out of a pretrained classifier.</summary>
    /// <exception cref="DeviseInputException">The weights have no classifier, or one of another shape.</exception>
    public static Prior Of(Backbone backbone, KnownLabels labels, IReadOnlyDictionary<string, NamedTensor> pretrained, string source, double weight)
    {
        var (name, total) = (backbone.Classifier.Name, ImageNetClasses.Synonyms.Count);
        float[] Rows(string part, int width)
        {
            if (!pretrained.TryGetValue($"{name}.{part}", out var found) || found.Values.Length != total * width)
                throw new DeviseInputException($"{source}: no {name}.{part} of {total} ImageNet classes in it, which \"prior\" needs; take weights with their classifier, or set \"prior\": null");
            return [.. labels.Classes.SelectMany(row => new ArraySegment<float>(found.Values, row * width, width))];
        }
        var conv = nn.Conv2d(backbone.FeatureMaps, labels.Classes.Count, 1);
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        conv.weight.copy_(tensor(Rows("weight", backbone.FeatureMaps), labels.Classes.Count, backbone.FeatureMaps, 1, 1));
        conv.bias!.copy_(tensor(Rows("bias", 1)));
        return new(backbone, conv, tensor(labels.Vectors, labels.Classes.Count, labels.Dimension).MoveToOuterDisposeScope(), weight, labels.Classes, null);
    }

    /// <summary>The prior that a run's weights hold, of the right sizes but not filled; null where they hold none.</summary>
    public static Prior? Like(IReadOnlyDictionary<string, NamedTensor> weights, Backbone backbone, PriorOptions? options) =>
        options is not null && weights.TryGetValue($"{nameof(DeviseNet.prior)}.{nameof(vectors)}", out var found) && found.Shape is [var labels, var dimension] && labels is > 0 and < 1 << 20 && dimension is > 0 and < 1 << 16
            ? new(backbone, (int)labels, (int)dimension, options.Weight)
            : null;

    /// <summary>The same without the labels that name some classes, sharing its weights.</summary>
    public Prior Without(IReadOnlyCollection<string> names)
    {
        float[] mask = [.. Classes.Select(row => names.Any(name => KnownLabels.Names(ImageNetClasses.Synonyms[row], name)) ? float.NegativeInfinity : 0)];
        return new(_backbone, classifier, vectors, Weight, Classes, tensor(mask, device: vectors.device));
    }

    /// <summary>Feature maps N×f×h×w → logits N×labels.</summary>
    public Tensor Logits(Tensor maps)
    {
        using var scope = NewDisposeScope();
        var logits = classifier.call(maps);
        return (Rectifies ? logits.relu() : logits).mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>Logits N×labels → mean vector N×d, at most of length 1: shorter the less sure.</summary>
    public Tensor Vector(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return nn.functional.softmax(_mask is null ? logits : logits.Plus(_mask), 1).matmul(vectors).MoveToOuterDisposeScope();
    }

    /// <summary>Head and prior side by side, N×2d → the embedding, N×d: the head's vector at length 1, plus the weighted prior.</summary>
    public static Tensor Join(Tensor parts, double weight)
    {
        using var scope = NewDisposeScope();
        var (head, prior) = Split(parts);
        return nn.functional.normalize(head).Plus(prior.Times(weight)).MoveToOuterDisposeScope();
    }

    /// <summary>The halves of N×2d.</summary>
    public static (Tensor Head, Tensor Prior) Split(Tensor parts)
    {
        var dimension = parts.shape[1] / 2;
        return (parts.narrow(1, 0, dimension), parts.narrow(1, dimension, dimension));
    }
}
