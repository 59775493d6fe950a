using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Looks at the validation images.</summary>
internal static class Validation
{
    /// <summary>
    /// Mean loss, weighted where the objective weights classes, and share of images whose best seen label is right; both not a number where there
    /// are no images, the loss also where all of them have weight 0.
    /// </summary>
    /// <param name="net">The network.</param>
    /// <param name="objective">What it is measured by.</param>
    /// <param name="source">Where the images come from.</param>
    /// <param name="embeddings">Is given every batch's output; null for nothing.</param>
    /// <param name="cancellation">Ends between two batches.</param>
    public static (double Loss, double Top1) Of(DeviseNet net, Objective objective, IBatchSource source, RunEmbeddings? embeddings, CancellationToken cancellation)
    {
        net.eval();
        using var untracked = no_grad();
        var (loss, weights, right, count) = (0.0, 0.0, 0L, 0);
        foreach (var batch in source.Valid())
        {
            using var owned = batch;
            cancellation.ThrowIfCancellationRequested();
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            net.eval();
            var output = source.Forward(batch.Input);
            // Of classes that are not trained on the weight is 0, and of a batch of them the mean no number.
            var weight = objective.Weight(batch.Labels);
            if (weight > 0) (loss, weights) = (loss + objective.Loss(output, batch.Labels).item<float>() * weight, weights + weight);
            right += objective.Scores(output).argmax(1).eq(batch.Labels).sum().item<long>();
            embeddings?.Add(net.Join(output), batch.Items);
            count += batch.Count;
        }
        return count == 0 ? (double.NaN, double.NaN) : (loss / weights, (double)right / count);
    }
}
