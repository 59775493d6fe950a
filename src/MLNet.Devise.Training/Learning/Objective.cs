using MLNet.Devise.Labels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>What stage 2 minimises.</summary>
public enum EmbeddingLoss
{
    /// <summary>1 − cos(output, vector of the label): the paper's.</summary>
    Cosine,
    /// <summary>
    /// Hinge ranking: Σ over wrong labels of max(0, margin − cos(output, own) + cos(output, wrong)), with margin 0.1
    /// (Frome et al. 2013, eq. 1, with outputs scaled to length 1).
    /// </summary>
    Ranking,
    /// <summary>Cross entropy of softmax over the cosines with all seen labels, times a learnt factor (as CLIP, Radford et al. 2021; it starts at 10).</summary>
    Softmax,
}

/// <summary>What a stage minimises, and how its outputs rank the seen labels.</summary>
/// <param name="Loss">(outputs N×d, label positions N) → mean loss.</param>
/// <param name="Scores">Outputs N×d → N×labels, higher is better.</param>
internal sealed record Objective(Func<Tensor, Tensor, Tensor> Loss, Func<Tensor, Tensor> Scores)
{
    private const double Margin = 0.1, FirstFactor = 10, LargestFactor = 100;

    /// <summary>What the loss itself learns; trained with the head.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>Stage 1: cross entropy over the seen classes.</summary>
    public static Objective Classification() => new((logits, labels) => nn.functional.cross_entropy(logits, labels), logits => logits.alias());

    /// <summary>Stage 2: towards the label's vector.</summary>
    /// <param name="labels">The seen labels, in the order of the label positions.</param>
    /// <param name="loss">Which loss.</param>
    public static Objective Embedding(LabelSpace labels, EmbeddingLoss loss)
    {
        var vectors = tensor(labels.Vectors.ToArray(), labels.Names.Count, labels.Dimension);
        Tensor Cosines(Tensor output) => nn.functional.normalize(output).matmul(vectors.t());
        switch (loss)
        {
            case EmbeddingLoss.Cosine:
                return new((output, label) => (1 - Cosines(output).gather(1, label.unsqueeze(1))).mean(), Cosines);
            case EmbeddingLoss.Ranking:
                return new((output, label) =>
                {
                    var cosines = Cosines(output);
                    // The own label gives exactly the margin: take it off again.
                    return (Margin - cosines.gather(1, label.unsqueeze(1)) + cosines).clamp_min(0).sum(1).mean() - Margin;
                }, Cosines);
            case EmbeddingLoss.Softmax:
                var factor = new Parameter(tensor((float)Math.Log(FirstFactor)));
                return new((output, label) => nn.functional.cross_entropy(Cosines(output) * factor.exp().clamp_max(LargestFactor), label), Cosines) { Parameters = [factor] };
            default:
                throw new ArgumentOutOfRangeException(nameof(loss), loss, "expected Cosine, Ranking or Softmax");
        }
    }
}
