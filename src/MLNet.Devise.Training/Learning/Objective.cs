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

    /// <summary>Label positions → what a batch of them counts in a mean over batches: its images, or the sum of their weights.</summary>
    public Func<Tensor, double> Weight { get; init; } = label => label.shape[0];

    /// <summary>Stage 1: cross entropy over the seen classes.</summary>
    /// <param name="smoothing">Share of the true class spread over all.</param>
    /// <param name="classWeights">Weight of each class's images, or null for 1: the loss is then Σ wᵢ lᵢ / Σ wᵢ over a batch.</param>
    /// <param name="device">Where outputs and labels will be.</param>
    public static Objective Classification(double smoothing = 0, float[]? classWeights = null, Device? device = null)
    {
        var mean = Mean(classWeights, device);
        return new((logits, label) => mean(CrossEntropy(logits, label, logits.shape[1], smoothing), label), logits => logits.alias()) { Weight = Sum(classWeights) };
    }

    /// <summary>Stage 2: towards the label's vector.</summary>
    /// <param name="labels">The seen labels, in the order of the label positions.</param>
    /// <param name="loss">Which loss.</param>
    /// <param name="classWeights">Weight of each class's images, or null for 1: the loss is then Σ wᵢ lᵢ / Σ wᵢ over a batch.</param>
    /// <param name="distractors">Unit vectors of wrong labels that no image has, row-major; empty for none.</param>
    /// <param name="device">Where outputs and labels will be.</param>
    /// <param name="prior">How the outputs join head and prior, N×2d; null where they are the head's alone.</param>
    public static Objective Embedding(LabelSpace labels, LossOptions loss, float[]? classWeights = null, float[]? distractors = null, Device? device = null, PriorOptions? prior = null)
    {
        var count = labels.Names.Count;
        float[] rows = [.. labels.Vectors, .. distractors ?? []];
        if (rows.Length % labels.Dimension != 0) throw new ArgumentException($"{rows.Length - labels.Vectors.Length} values, expected a multiple of {labels.Dimension}", nameof(distractors));
        var columns = tensor(rows, rows.Length / labels.Dimension, labels.Dimension, device: device).t();
        var factor = loss.Kind == EmbeddingLoss.Softmax && loss.LearnScale ? new Parameter(tensor((float)Math.Log(loss.Scale), device: device)) : null;
        var mean = Mean(classWeights, device);

        Tensor Cosines(Tensor output) => nn.functional.normalize(prior is null ? output : Prior.Join(output, prior.Weight)).matmul(columns);
        // What the head alone lacks of saying what the prior says.
        static Tensor Lacks(Tensor output)
        {
            var (head, said) = Prior.Split(output);
            return nn.functional.cosine_similarity(head, said.detach(), 1).TakenFrom(1);
        }
        // One value an image. The cosines are of the labels, then of the distractors.
        Tensor Main(Tensor cosines, Tensor own, Tensor label) => loss.Kind switch
        {
            EmbeddingLoss.Cosine => own.squeeze(1).TakenFrom(1),
            // The own label gives exactly the margin: take it off again.
            EmbeddingLoss.Ranking => own.TakenFrom(loss.Margin).Plus(cosines).AtLeast(0).sum(1).Minus(loss.Margin),
            EmbeddingLoss.Softmax => CrossEntropy(factor is null ? cosines.Times(loss.Scale) : cosines * factor.exp().AtMost(LargestFactor), label, count, loss.LabelSmoothing),
            _ => throw new ArgumentOutOfRangeException(nameof(loss), loss.Kind, "expected Cosine, Ranking or Softmax"),
        };
        Tensor Loss(Tensor output, Tensor label)
        {
            var cosines = Cosines(output);
            var own = cosines.gather(1, label.unsqueeze(1));
            var each = Main(cosines, own, label).Times(loss.Weight);
            if (loss.CosineWeight > 0) each = each.Plus(own.squeeze(1).TakenFrom(1).Times(loss.CosineWeight));
            if (prior is { Distillation: > 0 }) each = each.Plus(Lacks(output).Times(prior.Distillation));
            return mean(each, label);
        }
        return new(Loss, output => Cosines(output).narrow(1, 0, count)) { Parameters = factor is null ? [] : [factor], Weight = Sum(classWeights) };
    }

    /// <summary>
    /// −Σ over columns of target · log softmax, one value an image. The target is 1 − smoothing at the label, and smoothing spread evenly over
    /// the first <paramref name="labels"/> columns: those after them are always wrong (Szegedy et al. 2016, arXiv:1512.00567, §7).
    /// </summary>
    private static Tensor CrossEntropy(Tensor logits, Tensor label, long labels, double smoothing)
    {
        var logs = nn.functional.log_softmax(logits, 1);
        var own = logs.gather(1, label.unsqueeze(1)).squeeze(1);
        return smoothing > 0 ? -own.Times(1 - smoothing).Plus(logs.narrow(1, 0, labels).mean([1]).Times(smoothing)) : -own;
    }

    /// <summary>Number of images, or the sum of their weights.</summary>
    private static Func<Tensor, double> Sum(float[]? classWeights) => label => classWeights is null ? label.shape[0] : label.cpu().data<long>().ToArray().Sum(position => (double)classWeights[position]);

    /// <summary>Mean over images, or the weighted mean as PyTorch's cross_entropy takes it.</summary>
    private static Func<Tensor, Tensor, Tensor> Mean(float[]? classWeights, Device? device)
    {
        if (classWeights is null) return (each, _) => each.mean();
        var weights = tensor(classWeights, device: device);
        return (each, label) =>
        {
            var weight = weights.index_select(0, label);
            return (each * weight).sum() / weight.sum();
        };
    }
}
