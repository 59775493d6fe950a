using MLNet.Devise.Labels;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>What a stage minimises, and how its outputs rank the seen labels.</summary>
/// <param name="Loss">(outputs N×d, label positions N) → mean loss.</param>
/// <param name="Scores">Outputs N×d → N×labels, higher is better.</param>
internal sealed record Objective(Func<Tensor, Tensor, Tensor> Loss, Func<Tensor, Tensor> Scores)
{
    /// <summary>Stage 1: cross entropy over the seen classes.</summary>
    public static Objective Classification() => new((logits, labels) => nn.functional.cross_entropy(logits, labels), logits => logits.alias());

    /// <summary>Stage 2: 1 − cos(output, vector of the label).</summary>
    /// <param name="labels">The seen labels, in the order of the label positions.</param>
    public static Objective Cosine(LabelSpace labels)
    {
        var vectors = tensor(labels.Vectors.ToArray(), labels.Names.Count, labels.Dimension).DetachFromDisposeScope();
        return new(
            (output, label) => (1 - nn.functional.cosine_similarity(output, vectors.index_select(0, label), 1)).mean(),
            output => nn.functional.normalize(output).matmul(vectors.t()));
    }
}
