using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise score</c>: labels for a folder or list of images, one row each.</summary>
internal static class ScoreVerb
{
    public static Command Create()
    {
        var bundle = new Argument<string>("BUNDLE") { Description = "Bundle made by 'devise export'." };
        var images = new Option<string>("--images") { Description = "Folder, or a .csv with a Path column.", Required = true };
        var output = new Option<string>("--out") { Description = "Scores: .csv or .jsonl.", Required = true };
        var count = new Option<int>("-k") { Description = "Labels an image.", DefaultValueFactory = _ => 5 };
        var labels = new Option<string?>("--labels") { Description = "Class list to choose among instead of all of the bundle's labels." };
        var embeddings = new Option<bool>("--embeddings") { Description = "Keep each image's vector, as search needs." };
        var provider = ProviderOption.Create();
        return new Command("score", "Label images in bulk; a bad file gets a status, never ends the job.") { bundle, images, output, count, labels, embeddings, provider }.Does((parsed, session) =>
        {
            var opened = ModelBundle.Open(parsed.GetValue(bundle)!);
            LabelSpace? chosen = parsed.GetValue(labels) is { } list ? opened.Labels.Select(ClassList.Read(list)) : null;
            var summary = Run(session, opened, parsed.GetValue(images)!, parsed.GetValue(output)!, new ScoreJobOptions { K = parsed.GetValue(count), Labels = chosen, Embeddings = parsed.GetValue(embeddings), Provider = parsed.GetValue(provider) });
            session.Answer(summary, text => text.WriteLine($"{summary.Rows} images: {string.Join(", ", summary.ByStatus.Select(pair => $"{pair.Value} {pair.Key}"))} → {parsed.GetValue(output)}"));
        });
    }

    /// <summary>Scores with progress; also used by <c>devise run</c>. Asks for no more labels than there are.</summary>
    public static ScoreSummary Run(Session session, ModelBundle bundle, string images, string output, ScoreJobOptions options)
    {
        var most = (options.Labels ?? bundle.Labels).Names.Count;
        if (options.K < 1) throw new DeviseInputException($"-k: {options.K}, expected at least 1");
        var clock = Stopwatch.StartNew();
        return ProgressView.Run(session, TimeSpan.FromSeconds(10), view => ScoreJob.Run(bundle, images, output, options with { K = Math.Min(options.K, most) },
            at => view.Show("scoring", at.Done, at.Total, () => string.Create(CultureInfo.InvariantCulture, $"{at.Done}/{at.Total} images  {at.Bad} bad  {at.Done / clock.Elapsed.TotalSeconds:F0} images/s")), session.Cancellation));
    }
}
