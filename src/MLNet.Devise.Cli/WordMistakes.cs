using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;

namespace MLNet.Devise.Cli;

/// <summary>What is wrong with the words of a command line, a line each, by the names of the options.</summary>
internal static class WordMistakes
{
    private const int MostUnknown = 3;

    /// <summary>All that can be told before a verb runs; empty where nothing is wrong.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed) => parsed.Errors.Count > 0
        ? [.. parsed.Errors.Where(error => !IsUnknown(error)).Select(Words), .. Unknown(parsed)]
        : Given(parsed).Select(NoName).OfType<string>().Take(1).ToArray();

    private static string Words(ParseError error)
    {
        var option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        return option is not null && error.Message.StartsWith("Cannot parse argument", StringComparison.Ordinal)
            && option.Tokens.Select(token => token.Value).FirstOrDefault(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal)) is { } wrong
            ? $"{option.Option.Name}: '{wrong}', expected {Expected(Plain(option.Option.ValueType), wrong)}"
            : error.Message;
    }

    /// <summary>A number, or several names at once, in the place of one name: .NET reads them all.</summary>
    private static string? NoName(OptionResult option)
    {
        var type = Plain(option.Option.ValueType);
        return type.IsEnum && option.Tokens.Select(token => token.Value).FirstOrDefault(word => !Enum.GetNames(type).Contains(word, StringComparer.OrdinalIgnoreCase)) is { } wrong
            ? $"{option.Option.Name}: '{wrong}', expected {Expected(type, wrong)}"
            : null;
    }

    private static IEnumerable<OptionResult> Given(ParseResult parsed)
    {
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
            foreach (var option in command.Children.OfType<OptionResult>()) yield return option;
    }

    private static bool IsUnknown(ParseError error) => error.Message.StartsWith("Unrecognized command or argument", StringComparison.Ordinal);

    /// <summary>Words that nobody asked for: a few, and, where a shell has made them of a pattern, what to do about it.</summary>
    private static IEnumerable<string> Unknown(ParseResult parsed)
    {
        var unknown = parsed.Errors.Where(IsUnknown).ToArray();
        foreach (var error in unknown.Take(MostUnknown)) yield return error.Message;
        if (unknown.Length > MostUnknown) yield return $"… and {unknown.Length - MostUnknown} more";
        var files = parsed.UnmatchedTokens;
        if (files.Count > 0 && parsed.CommandResult.Command.Options.Any(option => option.Name == "--images") && files.All(File.Exists))
            yield return $"they are files: quote the pattern, so that it is not the shell that looks them up: --images '{Path.Join(Path.GetDirectoryName(files[0]), $"*{Path.GetExtension(files[0])}")}'";
    }

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? (type.IsArray ? type.GetElementType()! : type);

    private static string Expected(Type type, string word) => type switch
    {
        { IsEnum: true } => Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName).ToArray() is var names ? $"{string.Join(", ", names[..^1])} or {names[^1]}" : "",
        _ when type == typeof(int) && long.TryParse(word, out _) => $"a whole number up to {int.MaxValue}",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(float) || type == typeof(double) => "a number",
        _ => "a value of another kind",
    };
}
