using System.CommandLine;
using System.CommandLine.Parsing;
using MLNet.Devise.Jobs;

namespace MLNet.Devise.Cli;

/// <summary>The options of every verb, and how a verb is run: its errors become one line and an exit code.</summary>
internal static class Common
{
    public static readonly Option<long?> Seed = new("--seed") { Description = "Seed of everything random (default 0, or the pipeline file's).", Recursive = true };
    public static readonly Option<bool> Quiet = new("--quiet") { Description = "Only errors and results.", Recursive = true };
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Stack traces with errors.", Recursive = true };
    public static readonly Option<bool> Json = new("--json") { Description = "Answers as JSON on standard output.", Recursive = true };

    public static IReadOnlyList<Option> Options { get; } = [Seed, Quiet, Verbose, Json];

    /// <summary>Sets what the command does.</summary>
    public static Command Does(this Command command, Action<ParseResult, Session> action)
    {
        command.SetAction((parsed, cancellation) => Task.Run(() => Guard(parsed, () => action(parsed, new Session(parsed, cancellation))), CancellationToken.None));
        return command;
    }

    /// <summary>The words of a command line up to its verb: <c>vectors info</c>.</summary>
    public static IEnumerable<string> PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? PathOf(parent).Append(command.Command.Name) : [];

    /// <summary>The option or argument that was given a word of nothing but spaces, as an unset variable in quotes is; null where none was.</summary>
    public static string? EmptyWord(ParseResult parsed)
    {
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
            foreach (var child in command.Children)
                if (child is OptionResult or ArgumentResult && child.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                    return child is OptionResult option ? option.Option.Name : ((ArgumentResult)child).Argument.Name;
        return null;
    }

    /// <summary>Runs an action; what goes wrong becomes one line on standard error and an exit code.</summary>
    private static int Guard(ParseResult parsed, Action action)
    {
        try
        {
            action();
            return ExitCode.Success;
        }
        catch (OperationCanceledException stopped)
        {
            Console.Error.WriteLine($"devise: {(stopped.InnerException is null ? "stopped; what was finished is kept, nothing is half-written" : stopped.Message)}");
            return ExitCode.Cancelled;
        }
        catch (Exception error)
        {
            var cause = error is AggregateException { InnerExceptions.Count: 1 } ? error.InnerException! : error;
            Console.Error.WriteLine($"devise: {cause.Message.ReplaceLineEndings(" ")}");
            if (parsed.GetValue(Verbose)) Console.Error.WriteLine(cause);
            return cause switch { DeviseInputException => ExitCode.UserMistake, TooManyErrorsException => ExitCode.TooManyErrors, _ => ExitCode.Failure };
        }
    }
}
