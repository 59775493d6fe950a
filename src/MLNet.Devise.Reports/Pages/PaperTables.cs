using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>What the paper's tables say, beside this run.</summary>
internal sealed class PaperTables(Html html, EvaluationReport report)
{
    public void Write()
    {
        var seen = report.Seen;
        html.Line($"<h3 id=\"paper\">Beside the paper</h3>");
        Table("table-stage1", "Table 1. Naming seen classes with a classifier (stage 1)", () =>
            Row("Stage 1: accuracy of the classifier", report.Stage1.Accuracy, "", Chance(1, seen.Labels), Published.Stage1));
        Table("table-stage2", "Table 2. Naming seen classes by their word vectors (stage 2)", () =>
        {
            Row("Seen classes: right name first (top-1)", seen.Top1, "seen.top1", Chance(1, seen.Labels), Published.Top1);
            Row("… among the first 3", seen.Top3, "seen.top3", Chance(3, seen.Labels), Published.Top3);
            Row("… among the first 5", seen.Top5, "seen.top5", Chance(5, seen.Labels), Published.Top5);
            Row("… among the first 10", seen.Top10, "seen.top10", Chance(10, seen.Labels), Published.Top10);
            html.Line($"<tr><th scope=\"row\">Seen classes: top-1, mean over classes</th><td>{Html.Rate(seen.PerClassTop1)}{Interval("seen.perClassTop1")}</td><td>{Html.Rate(Chance(1, seen.Labels))}</td><td colspan=\"2\">{Published.PerClassTop1:0.0} % (backbone not stated)</td></tr>");
        });
        if (report.ZeroShot?.AllLabels is { } all)
            Table("table-zero", "Table 3. Naming unseen classes (zero-shot)", () =>
            {
                Row("Zero-shot, all names compete: among the first 5", all.Top5, "zeroShot.allLabels.top5", Chance(5, all.Labels), Published.ZeroShotTop5);
                Row("… among the first 10", all.Top10, "zeroShot.allLabels.top10", Chance(10, all.Labels), Published.ZeroShotTop10);
            });
        Table("table-size", "Size of the network", () =>
        {
            html.Line($"<tr><th scope=\"row\">Parameters</th><td>{report.Model.Parameters:N0}</td><td></td><td>{Published.Parameters.SqueezeNet:N0}</td><td>{Published.Parameters.ResNet:N0}</td></tr>");
            html.Line($"<tr><th scope=\"row\">Size of the model file</th><td>{report.Model.Bytes / 1024.0:N0} KB</td><td></td><td>{Published.Kilobytes.SqueezeNet:N0} KB</td><td>{Published.Kilobytes.ResNet:N0} KB</td></tr>");
        });
        html.Line($"""
            <p class="note">The columns are not one experiment. The paper (<cite>Deep Visual-Semantic Embedding Models for Mobile</cite>, CS230) used all 37,322 photos of Animals
            with Attributes 2: 40 seen and 10 unseen classes, 50 names in its zero-shot ranking. This run ({report.Model.Backbone}) trained on {report.Data.TrainImages:N0} photos of {report.Data.SeenClasses} seen classes and
            ranks {report.Data.SeenClasses + report.Data.UnseenClasses} names. Fewer names make every rate easier to reach, fewer photos make it harder: compare each number with guessing first.</p>
            """);
        if (report.Intervals is { } intervals)
            html.Line($"""
                <p class="note">In brackets, here and below: {Html.Rate(intervals.Level)} intervals from {intervals.Resamples:N0} bootstrap resamples of the photos (seed {intervals.Seed}). They say how a rate varies
                with the photos, not how it would with other classes or another training.</p>
                """);
    }

    /// <summary>The interval of a figure by its place in metrics.json, as text; nothing where there is none.</summary>
    public string Interval(string figure) => report.Intervals?.Values.TryGetValue(figure, out var found) == true
        ? FormattableString.Invariant($" ({100 * found.Low:0.0}–{100 * found.High:0.0})") : "";

    /// <summary>What guessing reaches.</summary>
    public static double Chance(int k, int labels) => Math.Min(1, (double)k / labels);

    private void Table(string id, string title, Action rows)
    {
        html.Line($"""
            <div class="scroll"><table class="paper" id="{id}"><caption>{title}</caption><thead><tr><th scope="col">Measure</th><th scope="col">This run</th><th scope="col">Guessing</th><th scope="col">Paper: SqueezeNet 1.1</th><th scope="col">Paper: ResNet34</th></tr></thead><tbody>
            """);
        rows();
        html.Line($"</tbody></table></div>");
    }

    private void Row(string name, double? value, string figure, double chance, (double SqueezeNet, double ResNet) paper) =>
        html.Line($"<tr><th scope=\"row\">{name}</th><td>{Html.Rate(value)}{Interval(figure)}</td><td>{Html.Rate(chance)}</td><td>{paper.SqueezeNet:0.0} %</td><td>{paper.ResNet:0.0} %</td></tr>");
}
