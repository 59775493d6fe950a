using System.CommandLine;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli;

/// <summary>Which labels compete, and how; of every verb that names what is in pictures.</summary>
internal static class LabelOption
{
    public static readonly Option<string?> Labels = new("--labels") { Description = "Labels to choose among instead of the bundle's: a class list, or names joined with commas ('zebra, snow leopard'). Names that are not the bundle's need --vectors." };

    public static readonly Option<string?> Vectors = new("--vectors") { Description = "Word vectors that the bundle was trained with, or a cache of them: --labels are looked up in it; without --labels every word of it competes." };

    public static readonly Option<float> Gamma = new("--gamma") { Description = "Taken off the scores of labels trained on, so that others get a chance; bundle.json has the bundle's own.", DefaultValueFactory = _ => 0 };

    /// <summary>The labels named; null for all of the bundle's.</summary>
    public static LabelSpace? Read(ParseResult parsed, ModelBundle bundle, Session session)
    {
        var vectors = parsed.GetValue(Vectors);
        return parsed.GetValue(Labels) is { } names ? bundle.ChooseLabels(Names(names), vectors)
            : vectors is not null ? bundle.ReadVocabulary(vectors, session.Say)
            : null;
    }

    /// <summary>How they compete.</summary>
    public static LabelRanking Ranking(ParseResult parsed, ModelBundle bundle) => new() { SeenLabels = bundle.Manifest.Seen, SeenPenalty = parsed.GetValue(Gamma) };

    private static IReadOnlyList<string> Names(string text) =>
        File.Exists(text) || !text.Contains(',') ? ClassList.Read(text)
        : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names ? names
        : throw new DeviseInputException($"--labels: '{text}', expected a class list or names joined with commas");
}
