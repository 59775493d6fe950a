using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Files;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli;

/// <summary>Which labels compete, and how; of every verb that names what is in pictures.</summary>
internal static class LabelOption
{
    public static readonly Option<string?> Labels = new("--labels") { Description = "Labels to choose among instead of the bundle's: a class list, or names joined with commas ('zebra, snow leopard'). Names that are not the bundle's need --vectors." };

    public static readonly Option<string?> Vectors = new("--vectors") { Description = "Word vectors that the bundle was trained with, or a cache of them: --labels are looked up in it; without --labels every word of it competes." };

    public static readonly Option<float> Gamma = new("--gamma") { Description = "Taken off the scores of labels trained on, so that others get a chance, -1 to 2; bundle.json has the bundle's own.", DefaultValueFactory = _ => 0 };

    /// <summary>The labels named; null for all of the bundle's.</summary>
    public static LabelSpace? Read(ParseResult parsed, ModelBundle bundle, Session session)
    {
        var vectors = parsed.GetValue(Vectors);
        // Also where no label needs it: a wrong path is told and not passed over.
        if (vectors is not null) _ = VectorFile.Find(vectors);
        if (parsed.GetValue(Labels) is { } names) return bundle.ChooseLabels(Names(names), vectors);
        return vectors is null ? null : ProgressView.Run(session, TimeSpan.FromSeconds(5),
            view => bundle.ReadVocabulary(vectors, session.Say, (rows, all) => view.Show("reading", rows, all, () => $"{rows:N0} words"), session.Cancellation));
    }

    /// <summary>How they compete.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="bundle">Knows what it was trained on.</param>
    /// <param name="labels">The labels that compete; null for all of the bundle's.</param>
    /// <param name="session">Told where there is nothing to take γ off.</param>
    /// <exception cref="DeviseInputException">γ is out of range.</exception>
    public static LabelRanking Ranking(ParseResult parsed, ModelBundle bundle, LabelSpace? labels, Session session)
    {
        var (gamma, space) = (parsed.GetValue(Gamma), labels ?? bundle.Labels);
        if (!(gamma is >= -1 and <= 2)) throw new DeviseInputException(FormattableString.Invariant($"--gamma: {gamma}, expected -1 to 2, for cosines mostly 0.05 to 0.3"));
        if (gamma == 0 || bundle.Manifest.Seen.Any(name => space.IndexOf(name) >= 0)) return new() { SeenLabels = bundle.Manifest.Seen, SeenPenalty = gamma };
        session.Say($"--gamma: none of the {space.Names.Count} labels to choose from was trained on, so there is nothing to take it off");
        return new() { SeenLabels = bundle.Manifest.Seen };
    }

    private static IReadOnlyList<string> Names(string text) =>
        File.Exists(text) ? ClassList.Read(text)
        : !text.Contains(',') ? throw new DeviseInputException($"--labels: '{text}' is no file, expected a class list, or names joined with commas ('zebra, snow leopard'; one alone as '{text},')")
        : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names ? names
        : throw new DeviseInputException($"--labels: '{text}', expected a class list or names joined with commas");
}
