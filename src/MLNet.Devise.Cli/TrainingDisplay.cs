using System.Diagnostics;
using System.Globalization;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli;

/// <summary>Shows training: a line that is rewritten in place on a terminal, a plain line now and then in a log, and one line an epoch in both.</summary>
internal sealed class TrainingDisplay(Session session) : IDisposable
{
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(200), LogPause = TimeSpan.FromSeconds(30);

    private readonly Stopwatch _since = Stopwatch.StartNew();
    private int _drawn;

    public void Show(TrainingProgress at)
    {
        if (at.Finished is { } epoch)
        {
            Clear();
            session.Say(string.Create(CultureInfo.InvariantCulture, $"stage {epoch.Stage} {epoch.Phase,-8} epoch {epoch.Epoch}/{at.Epochs}  train loss {epoch.TrainLoss:F4}  valid loss {epoch.ValidLoss:F4}  top-1 {epoch.ValidTop1:P1}  {epoch.ImagesPerSecond:F0} images/s"));
            _since.Restart();
        }
        else if (_since.Elapsed > (session.Terminal ? TerminalPause : LogPause))
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"stage {at.Stage} {at.Phase,-8} epoch {at.Epoch}/{at.Epochs}  step {at.Step}/{at.Steps}  loss {at.Loss:F4}  rate {at.LearningRate:E1}  {at.ImagesPerSecond:F0} images/s  {at.Remaining:h\\:mm\\:ss} left");
            if (session.Terminal) Draw(line);
            else session.Say(line);
            _since.Restart();
        }
    }

    public void Dispose() => Clear();

    private void Draw(string line)
    {
        Console.Error.Write('\r' + line.PadRight(_drawn));
        _drawn = line.Length;
    }

    private void Clear()
    {
        if (_drawn > 0) Console.Error.Write('\r' + new string(' ', _drawn) + '\r');
        _drawn = 0;
    }
}
