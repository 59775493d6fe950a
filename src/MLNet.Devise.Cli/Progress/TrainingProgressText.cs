using System.Globalization;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Progress;

/// <summary>Training in words: progress within a stage, and a line that stays for each epoch.</summary>
internal static class TrainingProgressText
{
    public static void Show(this IProgressView view, TrainingProgress at)
    {
        if (at.Finished is { } epoch)
            view.Say(string.Create(CultureInfo.InvariantCulture, $"stage {epoch.Stage} {epoch.Phase,-8} epoch {epoch.Epoch}/{at.Epochs}  train loss {epoch.TrainLoss:F4}  valid loss {epoch.ValidLoss:F4}  top-1 {epoch.ValidTop1 * 100:F1} %  {epoch.ImagesPerSecond:F0} images/s"));
        else if (double.IsNaN(at.Loss))
            view.Show($"stage {at.Stage} {at.Phase} for epoch {at.Epoch}/{at.Epochs}", at.Step, at.Steps, () => string.Create(CultureInfo.InvariantCulture, $"step {at.Step}/{at.Steps}, kept"));
        else
            view.Show($"stage {at.Stage} {at.Phase}", (at.Epoch - 1) * at.Steps + at.Step, at.Epochs * at.Steps,
                () => string.Create(CultureInfo.InvariantCulture, $"epoch {at.Epoch}/{at.Epochs} step {at.Step}/{at.Steps}  loss {at.Loss:F4}  rate {at.LearningRate:E1}  {at.ImagesPerSecond:F0} images/s"));
    }
}
