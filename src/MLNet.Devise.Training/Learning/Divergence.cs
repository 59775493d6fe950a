using System.Globalization;
using MLNet.Devise.Data;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>A loss or weights that are no longer numbers, and what to do about it.</summary>
internal static class Divergence
{
    private const string Advice = "Try a third of that rate, \"gradientClip\": 1, or \"precision\": \"fp32\"";

    /// <summary>Leaves the batch's files in <c>diverged.txt</c> and says where it happened.</summary>
    public static InvalidOperationException At(string folder, int stage, TrainingState state, double loss, double rate, IReadOnlyList<ImageItem> items)
    {
        var list = Path.Combine(folder, "diverged.txt");
        WholeFile.WriteText(list, string.Concat(items.Select(item => $"{item.Path}\n")));
        return new(string.Create(CultureInfo.InvariantCulture,
            $"stage {stage}, epoch {state.EpochsOfStage + 1}, step {state.Step + 1}: the loss is {loss} at learning rate {rate:0.0e+0}. {Advice}; if it is always this batch, look at its {items.Count} images, {items[0].Path} and the others in {list}"));
    }

    /// <summary>Says which weights a step left in such a state, although its loss was a number.</summary>
    public static InvalidOperationException Of(string name, int stage, TrainingState state, double rate) => new(string.Create(CultureInfo.InvariantCulture,
        $"stage {stage}, epoch {state.EpochsOfStage + 1}: {name} has values that are no numbers after step {state.Step}, at a learning rate of up to {rate:0.0e+0}. {Advice}; if it begins so, look at the weights that training starts from"));

    /// <summary>The name of the first of some weights with a value that is infinite or no number; null where all are finite.</summary>
    public static string? NotFinite(IReadOnlyList<(string Name, Tensor Tensor)> weights)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        return weights.FirstOrDefault(entry => !entry.Tensor.isfinite().all().item<bool>()).Name;
    }
}
