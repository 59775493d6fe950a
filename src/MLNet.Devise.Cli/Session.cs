using System.CommandLine;
using System.Text.Json;

namespace MLNet.Devise.Cli;

/// <summary>One run of a verb: where its words go, and whether it was stopped.</summary>
internal sealed class Session(ParseResult parsed, CancellationToken cancellation)
{
    /// <summary>How answers are written as JSON.</summary>
    public static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public CancellationToken Cancellation => cancellation;

    public long? Seed => parsed.GetValue(Common.Seed);

    public bool Quiet => parsed.GetValue(Common.Quiet);

    public bool Json => parsed.GetValue(Common.Json);

    /// <summary>Whether a person watches: then progress is drawn in place, else plain lines are written.</summary>
    public bool Terminal => !Quiet && !Console.IsErrorRedirected;

    /// <summary>What is going on: standard error, so that answers on standard output stay clean.</summary>
    public void Say(string line)
    {
        if (!Quiet) Console.Error.WriteLine(line);
    }

    /// <summary>Several lines of the same kind: the first few, then their number.</summary>
    public void SayAll(IReadOnlyCollection<string> lines, string more)
    {
        foreach (var line in lines.Take(5)) Say(line);
        if (lines.Count > 5) Say($"… and {lines.Count - 5} more {more}");
    }

    /// <summary>The verb's answer: text for people, or an object as JSON with <c>--json</c>.</summary>
    public void Answer(object json, Action<TextWriter> text)
    {
        if (Json) Console.Out.WriteLine(JsonSerializer.Serialize(json, JsonOptions));
        else text(Console.Out);
    }
}
