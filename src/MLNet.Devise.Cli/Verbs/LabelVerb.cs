using System.CommandLine;
using MLNet.Devise.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise label</c>: image→text for a few files.</summary>
internal static class LabelVerb
{
    public static Command Create()
    {
        var bundle = new Argument<string>("BUNDLE") { Description = "Bundle made by 'devise export'." };
        var files = new Argument<string[]>("FILE") { Description = "Image files.", Arity = ArgumentArity.OneOrMore };
        var count = new Option<int>("-k") { Description = "Labels an image.", DefaultValueFactory = _ => 5 };
        var provider = ProviderOption.Create();
        return new Command("label", "Label a few image files.") { bundle, files, count, LabelOption.Labels, LabelOption.Vectors, LabelOption.Gamma, provider }.Does((parsed, session) =>
        {
            if (parsed.GetValue(files)!.FirstOrDefault(Directory.Exists) is { } folder)
                throw new DeviseInputException($"{folder}: a folder, expected image files; for a folder: devise score {parsed.GetValue(bundle)} --images {folder} --out scores.csv");
            var opened = ModelBundle.Open(parsed.GetValue(bundle)!);
            if (parsed.GetValue(count) < 1) throw new DeviseInputException($"-k: {parsed.GetValue(count)}, expected at least 1");
            var labels = LabelOption.Read(parsed, opened, session) ?? opened.Labels;
            var ranking = LabelOption.Ranking(parsed, opened, labels, session);
            using var scorer = new ImageScorer(opened, new() { K = Math.Min(parsed.GetValue(count), labels.Names.Count), Labels = labels, Ranking = ranking, Provider = parsed.GetValue(provider) });
            var rows = scorer.Score(parsed.GetValue(files)!.Select(Path.GetFullPath), session.Cancellation).Zip(parsed.GetValue(files)!, (row, path) => row with { Path = path }).ToArray();
            session.Answer(rows.Select(row => new { row.Path, status = row.Status.Name(), row.Error, row.Labels, row.Scores }), text =>
            {
                foreach (var row in rows)
                    text.WriteLine(row.Status == ImageStatus.Ok
                        ? $"{row.Path}: {string.Join(", ", row.Labels.Zip(row.Scores, (label, score) => $"{ClassList.Display(label)} {score:F3}"))}"
                        : $"{row.Path}: {row.Status.Name()}: {row.Error}");
            });
            if (rows.All(row => row.Status != ImageStatus.Ok)) throw new DeviseInputException($"none of {rows.Length} files can be read: {rows[0].Path}: {rows[0].Error}");
        });
    }
}
