using MLNet.Devise.Labels;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Export;

/// <summary>
/// Convex combination of semantic embeddings (Norouzi et al. 2014, arXiv:1312.5650, eq. 3): a classifier's T likeliest seen labels, their
/// vectors averaged with their probabilities as weights. N×3×H×W in 0..1 → N×d, not yet of unit length, so that the sum of the weights
/// need not be divided out.
/// </summary>
internal sealed class Conse : nn.Module<Tensor, Tensor>
{
    public readonly DeviseNet classifier;
    private readonly Tensor vectors;

    /// <param name="classifier">The network of stage 1: images → logits of the seen labels.</param>
    /// <param name="seen">Their vectors, in the same order.</param>
    /// <param name="top">T; more than there are labels means all of them.</param>
    public Conse(DeviseNet classifier, LabelSpace seen, int top) : base(nameof(Conse))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        this.classifier = classifier;
        (Seen, Top) = (seen, Math.Min(top, seen.Names.Count));
        vectors = tensor(seen.Vectors.ToArray(), seen.Names.Count, seen.Dimension);
        register_buffer(nameof(vectors), vectors, persistent: false);
        RegisterComponents();
    }

    public LabelSpace Seen { get; }

    public int Top { get; }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (weights, labels) = nn.functional.softmax(classifier.call(input), 1).topk(Top, 1);
        return weights.unsqueeze(1).matmul(vectors[labels]).squeeze(1).MoveToOuterDisposeScope();
    }
}
