using System.Diagnostics;
using Spectre.Console;

namespace MLNet.Devise.Cli.Progress;

/// <summary>A bar with percentage and time left, drawn in place on standard error.</summary>
internal sealed class TerminalProgress : IProgressView
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private readonly ProgressContext _context;
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private ProgressTask? _bar;
    private string _task = "";
    private double _first;

    private TerminalProgress(IAnsiConsole console, ProgressContext context) => (_console, _context) = (console, context);

    public static T Run<T>(Func<IProgressView, T> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new TerminalProgress(console, context)));
    }

    public void Show(string task, double done, double? total, Func<string> detail)
    {
        if (task == _task && _since.Elapsed < Pause) return;
        _since.Restart();
        if (task != _task)
        {
            _bar?.StopTask();
            // What was done before this part began, at another pace, says nothing about the time left.
            (_task, _first) = (task, Math.Max(0, done - 1));
            _bar = _context.AddTask(Markup.Escape(task), maxValue: (total ?? double.MaxValue) - _first);
            _bar.IsIndeterminate = total is null;
        }
        _bar!.Value = done - _first;
        _bar.Description = Markup.Escape($"{task}  {detail()}");
    }

    public void Say(string line) => _console.WriteLine(line);
}
