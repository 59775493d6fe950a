namespace MLNet.Devise.Cli.Progress;

/// <summary>Where long work shows how far it is.</summary>
internal interface IProgressView
{
    /// <summary>How far the work is.</summary>
    /// <param name="task">Name of the part under way; a new name starts a new bar.</param>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units there are; null where nobody knows.</param>
    /// <param name="detail">What to say beside it; asked for only when it is shown.</param>
    void Show(string task, double done, double? total, Func<string> detail);

    /// <summary>A line that stays.</summary>
    void Say(string line);
}

internal static class ProgressView
{
    /// <summary>Runs work with a view for it: bars on a terminal, plain lines now and then in a log, nothing with <c>--quiet</c>.</summary>
    public static T Run<T>(Session session, TimeSpan logPause, Func<IProgressView, T> work) =>
        session.Terminal ? TerminalProgress.Run(work) : work(new LogProgress(session.Say, logPause));
}
