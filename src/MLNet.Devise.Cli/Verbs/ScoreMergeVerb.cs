using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Jobs;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise score merge</c>: the parts of all shards into one file.</summary>
internal static class ScoreMergeVerb
{
    public static Command Create()
    {
        var output = new Argument<string>("OUT") { Description = "The file as it was named to 'devise score --out'; its parts lie in OUT.parts." };
        return new Command("merge", "Check that every shard is complete and every input there once, and write one file; the parts stay.") { output }.Does((parsed, session) =>
        {
            var path = parsed.GetValue(output)!;
            var summary = ProgressView.Run(session, TimeSpan.FromSeconds(10), view =>
            {
                var rate = new ProgressRate(view);
                return DeviseJob.Merge(path, at => rate.Show("joining", at), session.Cancellation);
            });
            ScoreVerb.Answer(session, summary, path);
        });
    }
}
