using MLNet.Devise.Labels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>What a stage minimises, and how its outputs rank the seen labels.</summary>
/// <param name="Loss">(outputs N×d, label positions N) → mean loss.</param>
/// <param name="Scores">Outputs N×d → N×labels, higher is better.</param>
internal sealed record Objective(Func<Tensor, Tensor, Tensor> Loss, Func<Tensor, Tensor> Scores)
{
    private const double LargestFactor = 100;

    /// <summary>What the loss itself learns; trained with the head.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>Stage 1: cross entropy over the seen classes.</summary>
    /// <param name="smoothing">Share of the true class spread over all.</param>
    /// <param name="classWeights">Weight of each class's images, or null for 1.</param>
    /// <param name="device">Where outputs and labels will be.</param>
    public static Objective Classification(double smoothing = 0, float[]? classWeights = null, Device? device = null)
    {
        var weights = classWeights is null ? null : tensor(classWeights, device: device);
        return new((logits, labels) => nn.functional.cross_entropy(logits, labels, weights, label_smoothing: smoothing), logits => logits.alias());
    }

    /// <summary>Stage 2: towards the label's vector.</summary>
    /// <param name="labels">The seen labels, in the order of the label positions.</param>
    /// <param name="loss">Which loss.</param>
    /// <param name="classWeights">Weight of each class's images, or null for 1.</param>
    /// <param name="distractors">Unit vectors of wrong labels that no image has, row-major; empty for none.</param>
    /// <param name="device">Where outputs and labels will be.</param>
    public static Objective Embedding(LabelSpace labels, LossOptions loss, float[]? classWeights = null, float[]? distractors = null, Device? device = null)
    {
        var vectors = tensor(labels.Vectors.ToArray(), labels.Names.Count, labels.Dimension, device: device);
        Tensor Cosines(Tensor output) => nn.functional.normalize(output).matmul(vectors.t());
        switch (loss.Kind)
        {
            case EmbeddingLoss.Cosine:
                return new((output, label) => (1 - Cosines(output).gather(1, label.unsqueeze(1))).mean(), Cosines);
            case EmbeddingLoss.Ranking:
                return new((output, label) =>
                {
                    var cosines = Cosines(output);
                    // The own label gives exactly the margin: take it off again.
                    return (loss.Margin - cosines.gather(1, label.unsqueeze(1)) + cosines).clamp_min(0).sum(1).mean() - loss.Margin;
                }, Cosines);
            case EmbeddingLoss.Softmax:
                var factor = new Parameter(tensor((float)Math.Log(loss.Scale)));
                return new((output, label) => nn.functional.cross_entropy(Cosines(output) * factor.exp().clamp_max(LargestFactor), label), Cosines) { Parameters = [factor] };
            default:
                throw new ArgumentOutOfRangeException(nameof(loss), loss, "expected Cosine, Ranking or Softmax");
        }
    }
}
