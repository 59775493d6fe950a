using System.Globalization;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli;

/// <summary>Shows training: progress within an epoch, and one line that stays for each epoch.</summary>
internal sealed class TrainingDisplay(Session session) : IDisposable
{
    private readonly ProgressLine _line = new(session, TimeSpan.FromSeconds(30));

    public void Show(TrainingProgress at)
    {
        if (at.Finished is { } epoch)
            _line.Say(string.Create(CultureInfo.InvariantCulture, $"stage {epoch.Stage} {epoch.Phase,-8} epoch {epoch.Epoch}/{at.Epochs}  train loss {epoch.TrainLoss:F4}  valid loss {epoch.ValidLoss:F4}  top-1 {epoch.ValidTop1 * 100:F1} %  {epoch.ImagesPerSecond:F0} images/s"));
        else
            _line.Show(() => string.Create(CultureInfo.InvariantCulture, $"stage {at.Stage} {at.Phase,-8} epoch {at.Epoch}/{at.Epochs}  step {at.Step}/{at.Steps}  loss {at.Loss:F4}  rate {at.LearningRate:E1}  {at.ImagesPerSecond:F0} images/s  {at.Remaining:h\\:mm\\:ss} left"));
    }

    public void Dispose() => _line.Dispose();
}
