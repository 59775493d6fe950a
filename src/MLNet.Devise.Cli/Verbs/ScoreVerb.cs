using System.CommandLine;
using System.Globalization;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Jobs;
using MLNet.Devise.Jobs.Inputs;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise score</c>: labels for a folder or list of images, one row each.</summary>
internal static class ScoreVerb
{
    private const string Help = """
        Label images in bulk; a bad file gets a status, never ends the job.
        Exit codes: 0 every row is written, 1 failure or another process at work (--resume goes on), 2 a mistake in what was asked, 3 more bad files than --max-errors, 130 stopped (--resume goes on).
        """;

    public static Command Create()
    {
        var bundle = new Argument<string>("BUNDLE") { Description = "Bundle made by 'devise export'." };
        var images = new Option<string>("--images") { Description = "Folder, quoted pattern such as 'photos/**/*.jpg', or a .csv or .parquet with a Path column.", Required = true };
        var output = new Option<string>("--out") { Description = "Scores: .parquet, .csv or .jsonl.", Required = true };
        var count = new Option<int>("-k") { Description = "Labels an image.", DefaultValueFactory = _ => 5 };
        var embeddings = new Option<bool>("--embeddings") { Description = "Keep each image's vector, as search needs." };
        var keep = new Option<string?>("--keep") { Description = "Columns of the list to pass through, joined with commas; 'none' for none (default: all)." };
        var shard = new Option<string?>("--shard") { Description = "Do only the share i/N, counted from 0; 'auto' asks the environment of a Kubernetes Indexed Job or a Slurm array." };
        var resume = new Option<bool>("--resume") { Description = "Go on from what an earlier process finished; starts where there is nothing." };
        var restart = new Option<bool>("--restart") { Description = "Throw away what an earlier process finished." };
        var retry = new Option<bool>("--retry-failed") { Description = "Resume, and try again what could not be read." };
        var most = new Option<long?>("--max-errors") { Description = "Stop with exit code 3 when more files than this could not be read (default: never)." };
        var partRows = new Option<int>("--part-rows") { Description = "Rows between two commits.", DefaultValueFactory = _ => new DeviseJobOptions().PartRows };
        var workers = new Option<int?>("--workers") { Description = "Images at a time (default: one a processor)." };
        var provider = ProviderOption.Create();
        return new Command("score", Help) { bundle, images, output, count, LabelOption.Labels, LabelOption.Vectors, LabelOption.Gamma, embeddings, keep, shard, resume, restart, retry, most, partRows, workers, provider, ScoreMergeVerb.Create() }.Does((parsed, session) =>
        {
            if (parsed.GetValue(resume) && parsed.GetValue(restart)) throw new DeviseInputException("--resume and --restart: expected one of them");
            var opened = ModelBundle.Open(parsed.GetValue(bundle)!);
            var labels = LabelOption.Read(parsed, opened, session);
            var options = new DeviseJobOptions
            {
                K = parsed.GetValue(count),
                Labels = labels,
                Ranking = LabelOption.Ranking(parsed, opened, labels, session),
                Embeddings = parsed.GetValue(embeddings),
                Keep = parsed.GetValue(keep) is { } names ? names == "none" ? [] : names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : null,
                Shard = parsed.GetValue(shard) is { } text ? JobShard.Parse(text) : null,
                Unfinished = parsed.GetValue(resume) ? UnfinishedJob.Resume : parsed.GetValue(restart) ? UnfinishedJob.Restart : UnfinishedJob.Refuse,
                RetryFailed = parsed.GetValue(retry),
                MaxErrors = parsed.GetValue(most),
                PartRows = parsed.GetValue(partRows),
                Workers = parsed.GetValue(workers),
                Provider = parsed.GetValue(provider),
            };
            var summary = Run(session, opened, options, (fitting, progress) => DeviseJob.Run(opened, parsed.GetValue(images)!, parsed.GetValue(output)!, fitting, progress, session.Cancellation));
            foreach (var line in ImageInputs.Skipped(summary.LinkedFolders, summary.Hidden)) session.Say(line);
            if (summary.Replaced.Count > 0) session.Say($"the list's own {string.Join(", ", summary.Replaced)} did not go through: scores have columns of {(summary.Replaced.Count == 1 ? "that name" : "those names")}; name {(summary.Replaced.Count == 1 ? "it" : "them")} otherwise in the list to keep {(summary.Replaced.Count == 1 ? "it" : "them")}");
            Answer(session, summary, options.Shard is { } share ? $"shard {share} of {parsed.GetValue(output)}" : parsed.GetValue(output)!);
        });
    }

    /// <summary>Scores with progress; also used by <c>devise run</c>. Asks for no more labels than there are.</summary>
    public static ScoreSummary Run(Session session, ModelBundle bundle, DeviseJobOptions options, Func<DeviseJobOptions, Action<ScoreProgress>, ScoreSummary> job)
    {
        var most = (options.Labels ?? bundle.Labels).Names.Count;
        return ProgressView.Run(session, TimeSpan.FromSeconds(10), view =>
        {
            var rate = new ProgressRate(view);
            return job(options with { K = Math.Min(options.K, most) }, at => rate.Show("scoring", at));
        });
    }

    /// <summary>How many rows of each status there are.</summary>
    public static void Answer(Session session, ScoreSummary summary, string where) => session.Answer(summary, text =>
    {
        var statuses = string.Join(", ", summary.ByStatus.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")));
        var before = summary.Resumed > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({summary.Resumed} done before{(summary.Retried > 0 ? $", {summary.Retried} tried again" : "")})") : "";
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Rows} images: {statuses}{before} → {where}"));
    });
}
