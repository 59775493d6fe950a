using System.Globalization;
using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Learning;

/// <summary>A loss that is no longer a number, and what to do about it.</summary>
internal static class Divergence
{
    /// <summary>Leaves the batch's files in <c>diverged.txt</c> and says where it happened.</summary>
    public static InvalidOperationException At(string folder, int stage, TrainingState state, double loss, double rate, IReadOnlyList<ImageItem> items)
    {
        var list = Path.Combine(folder, "diverged.txt");
        WholeFile.WriteText(list, string.Concat(items.Select(item => $"{item.Path}\n")));
        return new(string.Create(CultureInfo.InvariantCulture,
            $"stage {stage}, epoch {state.EpochsOfStage + 1}, step {state.Step + 1}: the loss is {loss} at learning rate {rate:0.0e+0}. Try a third of that rate, \"gradientClip\": 1, or \"precision\": \"fp32\"; if it is always this batch, look at its {items.Count} images, {items[0].Path} and the others in {list}"));
    }
}
