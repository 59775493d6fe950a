using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>All measured numbers.</summary>
internal static class MetricTables
{
    public static void Others(Html html, EvaluationReport report)
    {
        var interval = new PaperTables(html, report).Interval;
        html.Line($"<h3 id=\"naming\">Naming, by names that compete</h3>");
        html.Line($"""
            <div class="scroll"><table aria-labelledby="naming"><thead><tr><th scope="col">Photos, ranked names</th><th scope="col">Names</th><th scope="col">Photos</th><th scope="col">Top-1</th><th scope="col">Top-3</th><th scope="col">Top-5</th><th scope="col">Top-10</th><th scope="col">Top-1, mean over classes</th></tr></thead><tbody>
            """);
        Rates("Seen photos, seen names", "seen", report.Seen);
        if (report.ZeroShot is { } zeroShot)
        {
            Rates("Unseen photos, unseen names", "zeroShot.unseenLabels", zeroShot.UnseenLabels);
            Rates("Unseen photos, seen and unseen names", "zeroShot.allLabels", zeroShot.AllLabels);
            if (zeroShot.FurtherLabels is { } further) Rates("Unseen photos, every name given", "zeroShot.furtherLabels", further);
            if (zeroShot.Vocabulary is { } vocabulary) Rates("Unseen photos, every word of the vectors' file", "zeroShot.vocabulary", vocabulary);
        }
        html.Line($"</tbody></table></div>");

        if (report.Generalized is { } g)
        {
            html.Line($"<h3 id=\"generalized\">Generalised zero-shot: all names compete for all photos</h3>");
            html.Line($"""
                <div class="scroll"><table aria-labelledby="generalized"><thead><tr><th scope="col">Scores</th><th scope="col">Unseen classes</th><th scope="col">Seen classes</th><th scope="col">Harmonic mean</th></tr></thead><tbody>
                """);
            html.Line($"<tr><th scope=\"row\">as they are</th><td>{Html.Rate(g.Unseen)}{interval("generalized.unseen")}</td><td>{Html.Rate(g.Seen)}{interval("generalized.seen")}</td><td>{Html.Rate(g.Harmonic)}{interval("generalized.harmonic")}</td></tr>");
            if (g.Calibrated is { } c) html.Line($"<tr><th scope=\"row\">seen names lowered by {c.Gamma:0.###}</th><td>{Html.Rate(c.Unseen)}{interval("generalized.calibrated.unseen")}</td><td>{Html.Rate(c.Seen)}{interval("generalized.calibrated.seen")}</td><td>{Html.Rate(c.Harmonic)}{interval("generalized.calibrated.harmonic")}</td></tr>");
            html.Line($"</tbody></table></div><p class=\"note\">Top-1, mean over classes. A model leans to the names it was trained on, so without a handicap for these the unseen ones rarely win. Over all handicaps, the area under the curve of seen against unseen accuracy is {g.AreaUnderCurve:0.000} (1 would be perfect).</p>");
        }

        html.Line($"<h3 id=\"retrieval\">Searching</h3>");
        html.Line($"""
            <div class="scroll"><table aria-labelledby="retrieval"><thead><tr><th scope="col">Query</th><th scope="col">Queries</th><th scope="col">Precision at 10</th><th scope="col">Seen classes</th><th scope="col">Unseen classes</th><th scope="col">Best possible</th><th scope="col">Guessing</th><th scope="col">Mean average precision</th></tr></thead><tbody>
            """);
        Found("A class name finds photos", "textToImage", report.Retrieval.TextToImage);
        Found("A photo finds photos of its class", "imageToImage", report.Retrieval.ImageToImage);
        html.Line($"</tbody></table></div><p class=\"note\">Precision at 10: how many of the first ten results are right. Searched are the {report.Data.SeenImages + report.Data.UnseenImages:N0} photos that were not trained on.</p>");

        void Rates(string name, string figure, HitRates r) =>
            html.Line($"<tr><th scope=\"row\">{name}</th><td>{r.Labels:N0}</td><td>{r.Images:N0}</td><td>{Html.Rate(r.Top1)}{interval($"{figure}.top1")}</td><td>{Html.Rate(r.Top3)}</td><td>{Html.Rate(r.Top5)}</td><td>{Html.Rate(r.Top10)}</td><td>{Html.Rate(r.PerClassTop1)}{interval($"{figure}.perClassTop1")}</td></tr>");
        void Found(string name, string figure, RetrievalMetrics r) =>
            html.Line($"<tr><th scope=\"row\">{name}</th><td>{r.Queries:N0}</td><td>{Html.Rate(r.PrecisionAt10)}{interval($"retrieval.{figure}.precisionAt10")}</td><td>{Html.Rate(r.PrecisionAt10Seen)}</td><td>{Html.Rate(r.PrecisionAt10Unseen)}</td><td>{Html.Rate(r.PrecisionAt10Ceiling)}</td><td>{Html.Rate(r.Chance)}</td><td>{Html.Rate(r.Map)}{interval($"retrieval.{figure}.map")}</td></tr>");
    }

    /// <summary>Every class; the script makes the heads of a sortable table buttons.</summary>
    public static void Classes(Html html, EvaluationResult result)
    {
        html.Line($"""
            <h3 id="classes-table">Every class in numbers</h3><div class="scroll"><table class="sortable" aria-labelledby="classes-table"><thead><tr><th scope="col">Class</th><th scope="col">Kind</th><th scope="col">Photos</th><th scope="col">Top-1 among its kind</th><th scope="col">Top-1 among all names</th><th scope="col">Most often taken for</th><th scope="col">Precision at 10 when searched</th></tr></thead><tbody>
            """);
        foreach (var c in result.Classes)
            html.Line($"<tr><th scope=\"row\">{ClassList.Display(c.Label)}</th><td class=\"text\">{(c.IsSeen ? "seen" : "unseen")}</td><td>{c.Images}</td><td>{Html.Rate(c.Top1)}</td><td>{Html.Rate(c.Top1AmongAll)}</td><td class=\"text\">{ClassList.Display(c.MostConfusedWith ?? "–")}</td><td>{Html.Rate(c.PrecisionAt10)}</td></tr>");
        html.Line($"</tbody></table></div>");
    }
}
