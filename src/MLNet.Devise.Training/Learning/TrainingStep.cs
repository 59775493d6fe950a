using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>One step of gradient descent.</summary>
internal static class TrainingStep
{
    /// <summary>Forward, backward, update; everything made on the way is freed.</summary>
    /// <returns>The batch's mean loss before the update.</returns>
    public static double Run(DeviseNet net, Objective objective, AdamW optimizer, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        using var loss = objective.Loss(net.call(Pixels(batch)), tensor(batch.Labels));
        loss.backward();
        optimizer.step();
        return loss.item<float>();
    }

    /// <summary>Bytes N×H×W×3 → floats N×3×H×W in 0..1, left in the memory order they came in (channels last): convolutions run faster on it.</summary>
    public static Tensor Pixels(ImageBatch batch)
    {
        var side = (long)Math.Sqrt(batch.Pixels.Length / 3 / batch.Items.Length);
        return tensor(batch.Pixels, [batch.Items.Length, side, side, 3]).permute(0, 3, 1, 2).to(ScalarType.Float32).div_(255);
    }
}
