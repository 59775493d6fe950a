using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>All measured numbers, the first table beside the paper's.</summary>
internal static class MetricTables
{
    public static void Paper(Html html, EvaluationReport report)
    {
        html.Line($"<h3 id=\"paper\">Beside the paper</h3>");
        html.Line($"""
            <div class="scroll"><table aria-labelledby="paper"><thead><tr><th scope="col">Measure</th><th scope="col">This run</th><th scope="col">Guessing</th><th scope="col">Paper: SqueezeNet 1.1</th><th scope="col">Paper: ResNet34</th></tr></thead><tbody>
            """);
        var seen = report.Seen;
        Row("Stage 1: accuracy of the classifier", report.Stage1.Accuracy, Chance(1, seen.Labels), Published.Stage1);
        Row("Seen classes: right name first (top-1)", seen.Top1, Chance(1, seen.Labels), Published.Top1);
        Row("… among the first 3", seen.Top3, Chance(3, seen.Labels), Published.Top3);
        Row("… among the first 5", seen.Top5, Chance(5, seen.Labels), Published.Top5);
        Row("… among the first 10", seen.Top10, Chance(10, seen.Labels), Published.Top10);
        html.Line($"<tr><th scope=\"row\">Seen classes: top-1, mean over classes</th><td>{Html.Rate(seen.PerClassTop1)}</td><td>{Html.Rate(Chance(1, seen.Labels))}</td><td colspan=\"2\">{Published.PerClassTop1:0.0} % (backbone not stated)</td></tr>");
        if (report.ZeroShot?.AllLabels is { } all)
        {
            Row("Zero-shot, all names compete: among the first 5", all.Top5, Chance(5, all.Labels), Published.ZeroShotTop5);
            Row("… among the first 10", all.Top10, Chance(10, all.Labels), Published.ZeroShotTop10);
        }
        html.Line($"<tr><th scope=\"row\">Parameters</th><td>{report.Model.Parameters:N0}</td><td></td><td>{Published.Parameters.SqueezeNet:N0}</td><td>{Published.Parameters.ResNet:N0}</td></tr>");
        html.Line($"<tr><th scope=\"row\">Size of the model file</th><td>{report.Model.Bytes / 1024.0:N0} KB</td><td></td><td>{Published.Kilobytes.SqueezeNet:N0} KB</td><td>{Published.Kilobytes.ResNet:N0} KB</td></tr>");
        html.Line($"</tbody></table></div>");
        html.Line($"""
            <p class="note">The columns are not one experiment. The paper (<cite>Deep Visual-Semantic Embedding Models for Mobile</cite>, CS230) used all 37,322 photos of Animals
            with Attributes 2: 40 seen and 10 unseen classes, 50 names in its zero-shot ranking. This run ({report.Model.Backbone}) trained on {report.Data.TrainImages:N0} photos of {report.Data.SeenClasses} seen classes and
            ranks {report.Data.SeenClasses + report.Data.UnseenClasses} names. Fewer names make every rate easier to reach, fewer photos make it harder: compare each number with guessing first.</p>
            """);

        void Row(string name, double? value, double chance, (double SqueezeNet, double ResNet) paper) =>
            html.Line($"<tr><th scope=\"row\">{name}</th><td>{Html.Rate(value)}</td><td>{Html.Rate(chance)}</td><td>{paper.SqueezeNet:0.0} %</td><td>{paper.ResNet:0.0} %</td></tr>");
    }

    public static void Others(Html html, EvaluationReport report)
    {
        html.Line($"<h3 id=\"naming\">Naming, by names that compete</h3>");
        html.Line($"""
            <div class="scroll"><table aria-labelledby="naming"><thead><tr><th scope="col">Photos, ranked names</th><th scope="col">Names</th><th scope="col">Photos</th><th scope="col">Top-1</th><th scope="col">Top-3</th><th scope="col">Top-5</th><th scope="col">Top-10</th><th scope="col">Top-1, mean over classes</th></tr></thead><tbody>
            """);
        Rates("Seen photos, seen names", report.Seen);
        if (report.ZeroShot is { } zeroShot)
        {
            Rates("Unseen photos, unseen names", zeroShot.UnseenLabels);
            Rates("Unseen photos, seen and unseen names", zeroShot.AllLabels);
            if (zeroShot.FurtherLabels is { } further) Rates("Unseen photos, every name given", further);
        }
        html.Line($"</tbody></table></div>");

        if (report.Generalized is { } g)
        {
            html.Line($"<h3 id=\"generalized\">Generalised zero-shot: all names compete for all photos</h3>");
            html.Line($"""
                <div class="scroll"><table aria-labelledby="generalized"><thead><tr><th scope="col">Scores</th><th scope="col">Unseen classes</th><th scope="col">Seen classes</th><th scope="col">Harmonic mean</th></tr></thead><tbody>
                """);
            html.Line($"<tr><th scope=\"row\">as they are</th><td>{Html.Rate(g.Unseen)}</td><td>{Html.Rate(g.Seen)}</td><td>{Html.Rate(g.Harmonic)}</td></tr>");
            if (g.Calibrated is { } c) html.Line($"<tr><th scope=\"row\">seen names lowered by {c.Gamma:0.###}</th><td>{Html.Rate(c.Unseen)}</td><td>{Html.Rate(c.Seen)}</td><td>{Html.Rate(c.Harmonic)}</td></tr>");
            html.Line($"</tbody></table></div><p class=\"note\">Top-1, mean over classes. A model leans to the names it was trained on, so without a handicap for these the unseen ones rarely win. Over all handicaps, the area under the curve of seen against unseen accuracy is {g.AreaUnderCurve:0.000} (1 would be perfect).</p>");
        }

        html.Line($"<h3 id=\"retrieval\">Searching</h3>");
        html.Line($"""
            <div class="scroll"><table aria-labelledby="retrieval"><thead><tr><th scope="col">Query</th><th scope="col">Queries</th><th scope="col">Precision at 10</th><th scope="col">Seen classes</th><th scope="col">Unseen classes</th><th scope="col">Best possible</th><th scope="col">Guessing</th><th scope="col">Mean average precision</th></tr></thead><tbody>
            """);
        Found("A class name finds photos", report.Retrieval.TextToImage);
        Found("A photo finds photos of its class", report.Retrieval.ImageToImage);
        html.Line($"</tbody></table></div><p class=\"note\">Precision at 10: how many of the first ten results are right. Searched are the {report.Data.SeenImages + report.Data.UnseenImages:N0} photos that were not trained on.</p>");

        void Rates(string name, HitRates r) =>
            html.Line($"<tr><th scope=\"row\">{name}</th><td>{r.Labels}</td><td>{r.Images:N0}</td><td>{Html.Rate(r.Top1)}</td><td>{Html.Rate(r.Top3)}</td><td>{Html.Rate(r.Top5)}</td><td>{Html.Rate(r.Top10)}</td><td>{Html.Rate(r.PerClassTop1)}</td></tr>");
        void Found(string name, RetrievalMetrics r) =>
            html.Line($"<tr><th scope=\"row\">{name}</th><td>{r.Queries:N0}</td><td>{Html.Rate(r.PrecisionAt10)}</td><td>{Html.Rate(r.PrecisionAt10Seen)}</td><td>{Html.Rate(r.PrecisionAt10Unseen)}</td><td>{Html.Rate(r.PrecisionAt10Ceiling)}</td><td>{Html.Rate(r.Chance)}</td><td>{Html.Rate(r.Map)}</td></tr>");
    }

    public static void Classes(Html html, EvaluationResult result)
    {
        html.Line($"""
            <details><summary>Every class in numbers</summary><div class="scroll"><table><thead><tr><th scope="col">Class</th><th scope="col">Kind</th><th scope="col">Photos</th><th scope="col">Top-1 among its kind</th><th scope="col">Top-1 among all names</th><th scope="col">Most often taken for</th><th scope="col">Precision at 10 when searched</th></tr></thead><tbody>
            """);
        foreach (var c in result.Classes)
            html.Line($"<tr><th scope=\"row\">{ClassList.Display(c.Label)}</th><td class=\"text\">{(c.IsSeen ? "seen" : "unseen")}</td><td>{c.Images}</td><td>{Html.Rate(c.Top1)}</td><td>{Html.Rate(c.Top1AmongAll)}</td><td class=\"text\">{ClassList.Display(c.MostConfusedWith ?? "–")}</td><td>{Html.Rate(c.PrecisionAt10)}</td></tr>");
        html.Line($"</tbody></table></div></details>");
    }

    private static double Chance(int k, int labels) => Math.Min(1, (double)k / labels);
}
