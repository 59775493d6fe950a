using System.Diagnostics;

namespace MLNet.Devise.Cli.Progress;

/// <summary>Plain lines, not too often.</summary>
internal sealed class LogProgress(Session session, TimeSpan pause) : IProgressView
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last;
    private string _task = "";
    private TimeSpan _started;

    public void Show(string task, double done, double total, Func<string> detail)
    {
        if (task != _task) (_task, _started) = (task, _clock.Elapsed);
        if (session.Quiet || _clock.Elapsed - _last < pause || done <= 0) return;
        _last = _clock.Elapsed;
        var left = (_clock.Elapsed - _started) * ((total - done) / done);
        session.Say($"{task}  {detail()}  {left:h\\:mm\\:ss} left");
    }

    public void Say(string line)
    {
        session.Say(line);
        _last = _clock.Elapsed;
    }
}
