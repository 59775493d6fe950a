using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Comparison;
using MLNet.Devise.Reports;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise report</c>: pages from evaluations that are there already.</summary>
internal static class ReportVerb
{
    private const string JsonName = "compare.json";

    public static Command Create() => new("report", "Pages from finished evaluations.") { Compare() };

    private static Command Compare()
    {
        var runs = new Argument<string[]>("RUN") { Description = "Folders that 'devise evaluate' or 'devise run' wrote; the others are compared with the first.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "An .html file, or a folder for compare.html and compare.json.", Required = true };
        var resamples = new Option<int>("--resamples") { Description = "Bootstrap resamples for 95 % intervals.", DefaultValueFactory = _ => new BootstrapOptions().Resamples };
        return new Command("compare", "Compare models image by image: differences with intervals, McNemar's test, gains by class.") { runs, output, resamples }.Does((parsed, session) =>
        {
            var target = parsed.GetValue(output)!;
            var isPage = Path.GetExtension(target).ToLowerInvariant() is ".html" or ".htm";
            var page = isPage ? target : Path.Combine(target, HtmlComparison.FileName);
            WholeFile.CheckWritable(page);
            var evaluated = EvaluatedRun.Read(parsed.GetValue(runs)!);
            var comparison = RunComparison.Of(evaluated, new() { Resamples = parsed.GetValue(resamples), Seed = session.Seed ?? 0 });
            foreach (var note in comparison.Notes) session.Say(note);
            HtmlComparison.Write(page, evaluated, comparison);
            if (!isPage) WholeFile.WriteText(Path.Combine(target, JsonName), JsonSerializer.Serialize(comparison, Session.JsonOptions) + "\n");
            session.Answer(comparison, text => Summarize(text, comparison, page));
        });
    }

    private static void Summarize(TextWriter text, RunComparison comparison, string page)
    {
        string Points(double value) => (100 * value).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);
        text.WriteLine($"{comparison.Images} images, differences from {comparison.Runs[0]} in percentage points with {comparison.Bootstrap.Level:P0} intervals");
        for (var run = 1; run < comparison.Runs.Count; run++)
        {
            text.WriteLine(comparison.Runs[run]);
            foreach (var figure in comparison.Figures.Where(figure => figure.Key is "seen.top1" or "zeroShot.unseenLabels.perClassTop1" or "zeroShot.allLabels.top5" or "generalized.calibrated.harmonic"))
            {
                var difference = figure.Differences[run - 1];
                text.WriteLine($"  {figure.Key,-38} {Points(difference.Value),6}  ({Points(difference.Interval.Low)} to {Points(difference.Interval.High)})");
            }
        }
        text.WriteLine($"page {page}");
    }
}
