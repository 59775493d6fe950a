using System.Diagnostics;
using System.Globalization;
using MLNet.Devise.Jobs;

namespace MLNet.Devise.Cli.Progress;

/// <summary>A job's progress in words; the rate counts only what this process does itself, the time left how fast it passes rows.</summary>
internal sealed class ProgressRate(IProgressView view)
{
    private readonly Stopwatch _clock = new();
    private long _first;

    public void Show(string task, ScoreProgress at)
    {
        // From the first row on: listing and loading say nothing about the rate.
        if (!_clock.IsRunning)
        {
            _clock.Start();
            _first = at.Done - at.Resumed;
            return;
        }
        var (done, seconds) = (at.Done - at.Resumed, _clock.Elapsed.TotalSeconds);
        var rate = seconds > 0 ? (done - _first) / seconds : 0;
        view.Show(task, at.Done, at.Total, () => string.Create(CultureInfo.InvariantCulture,
            $"{at.Done}/{at.Total} images  {at.Bad} bad{(at.Resumed > 0 ? $"  {at.Resumed} done before" : "")}  {rate:F0} images/s"));
    }
}
