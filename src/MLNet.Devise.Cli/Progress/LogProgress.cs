using System.Diagnostics;

namespace MLNet.Devise.Cli.Progress;

/// <summary>Plain lines, not too often.</summary>
internal sealed class LogProgress(Action<string> say, TimeSpan pause) : IProgressView
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last, _started;
    private string _task = "";
    private double _first;

    public void Show(string task, double done, double? total, Func<string> detail)
    {
        // What was done before this part began, at another pace, says nothing about the time left.
        if (task != _task) (_task, _started, _first) = (task, _clock.Elapsed, done);
        if (_clock.Elapsed - _last < pause) return;
        _last = _clock.Elapsed;
        // Until the part has run for a while there is nothing to reckon with.
        var spent = _clock.Elapsed - _started;
        var left = total is { } all && done > _first && spent >= pause ? $"  {Duration.Text(spent * Math.Max(0, (all - done) / (done - _first)))} left" : "";
        say($"{task}  {detail()}{left}");
    }

    public void Say(string line)
    {
        say(line);
        _last = _clock.Elapsed;
    }
}
