using System.Diagnostics;

namespace MLNet.Devise.Cli;

/// <summary>One line of progress: rewritten in place on a terminal, a plain line now and then in a log.</summary>
internal sealed class ProgressLine(Session session, TimeSpan logPause) : IDisposable
{
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch _since = Stopwatch.StartNew();
    private int _drawn;

    /// <summary>Shows the text, unless the last one was shown only just now.</summary>
    public void Show(Func<string> text)
    {
        if (_since.Elapsed < (session.Terminal ? TerminalPause : logPause)) return;
        _since.Restart();
        if (session.Terminal) Draw(text());
        else session.Say(text());
    }

    /// <summary>Writes a line that stays.</summary>
    public void Say(string line)
    {
        Clear();
        session.Say(line);
        _since.Restart();
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
