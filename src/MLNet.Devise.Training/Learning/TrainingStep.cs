using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>One step of gradient descent.</summary>
internal static class TrainingStep
{
    /// <summary>Forward, backward, update; everything made on the way is freed.</summary>
    /// <param name="forward">Input → output of the network.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="optimizer">Who changes the weights.</param>
    /// <param name="batch">The batch; it stays the caller's.</param>
    /// <param name="mix">How its images are mixed; null for not at all.</param>
    /// <param name="gradientClip">Largest norm of the whole gradient; null for no limit.</param>
    /// <returns>The batch's mean loss before the update; the update is left out where that is not finite.</returns>
    public static double Run(Func<Tensor, Tensor> forward, Objective objective, AdamW optimizer, TrainingBatch batch, MixPlan? mix = null, double? gradientClip = null)
    {
        using var scope = NewDisposeScope();
        var loss = mix is null ? objective.Loss(forward(batch.Input), batch.Labels) : Mixed(mix, forward(mix.Apply(batch.Input)), objective, batch.Labels);
        var value = loss.item<float>();
        if (!float.IsFinite(value)) return value;
        loss.backward();
        if (gradientClip is { } most) nn.utils.clip_grad_norm_(optimizer.Parts.Select(part => part.Parameter).Where(parameter => parameter.grad is not null), most);
        optimizer.Step();
        return value;
    }

    private static Tensor Mixed(MixPlan mix, Tensor output, Objective objective, Tensor labels) =>
        objective.Loss(output, labels).Times(mix.Share).Plus(objective.Loss(output, labels.index_select(0, tensor(mix.Partners, device: labels.device))).Times(1 - mix.Share));
}
