using System.CommandLine;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Cli;

/// <summary>How the vectors of phrases are found; of every verb that looks labels up.</summary>
internal static class PhraseOption
{
    public static readonly Option<PhraseComposition?> Composition = new("--composition") { Description = "How the vector of a phrase is made of its words: mean, sif (rare words count more) or head (the last one counts most)." };

    public static readonly Option<string?> Aliases = new("--aliases") { Description = "Other names to look up for labels without an entry: 'name = other name, another one' a line." };

    /// <summary>The options named, laid over others.</summary>
    public static PhraseOptions Read(ParseResult parsed, PhraseOptions? basis = null)
    {
        var options = basis ?? new();
        if (parsed.GetValue(Composition) is { } composition) options = options with { Composition = composition };
        if (parsed.GetValue(Aliases) is { } path) options = options with { Aliases = PhraseAliases.Read(path) };
        options.Validate();
        return options;
    }
}
