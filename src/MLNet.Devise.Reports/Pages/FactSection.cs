using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>What makes the run repeatable: data, options, seeds, versions.</summary>
internal sealed class FactSection(ReportInput input, Html html)
{
    private const int MostSkippedShown = 50;

    private int _tables;

    public void Write()
    {
        var data = input.Evaluation.Report.Data;
        html.Line($"<section id=\"facts\"><h2>About this run</h2>");
        Facts("Evaluated", [
            new("", "Seen classes", $"{data.SeenClasses}"), new("", "Unseen classes", $"{data.UnseenClasses}"), new("", "Images trained on", $"{data.TrainImages}"),
            new("", $"Images of seen classes evaluated ({data.SeenSplit} split)", $"{data.SeenImages}"), new("", "Images of unseen classes evaluated", $"{data.UnseenImages}"),
            new("", "Files skipped", $"{data.SkippedImages}")]);
        foreach (var group in input.Facts.GroupBy(fact => fact.Group)) Facts(group.Key, group);
        if (input.Evaluation.Report.Timing.Count > 0)
            Facts("Timing", input.Evaluation.Report.Timing.Select(timing => new ReportFact("", timing.Key, FormattableString.Invariant($"{timing.Value:0.##}"))));
        if (input.Skipped.Count > 0)
        {
            html.Line($"<h3>Skipped files</h3><ul class=\"skipped\">");
            foreach (var line in input.Skipped.Take(MostSkippedShown)) html.Line($"<li>{line}</li>");
            if (input.Skipped.Count > MostSkippedShown) html.Line($"<li>… and {input.Skipped.Count - MostSkippedShown} more</li>");
            html.Line($"</ul>");
        }
        html.Line($"<p>The same figures for programs: <code>{EvaluationReport.FileName}</code> beside this file; the figures as PNG and SVG: the folder <code>{HtmlReport.FiguresName}</code>.</p></section>");
    }

    private void Facts(string title, IEnumerable<ReportFact> facts)
    {
        var id = $"facts-{++_tables}";
        html.Line($"<h3 id=\"{id}\">{title}</h3><div class=\"scroll\"><table class=\"facts\" aria-labelledby=\"{id}\"><tbody>");
        foreach (var fact in facts) html.Line($"<tr><th scope=\"row\">{fact.Name}</th><td>{fact.Value}</td></tr>");
        html.Line($"</tbody></table></div>");
    }
}
