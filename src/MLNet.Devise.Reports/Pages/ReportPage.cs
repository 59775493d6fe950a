using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>The page from top to bottom.</summary>
internal sealed class ReportPage(ReportInput input, IReadOnlyDictionary<string, byte[]> figures, Html html)
{
    private const int MostSkippedShown = 50;

    public void Write()
    {
        Head();
        Headline.Write(html, input.Evaluation.Report);
        html.Line($"<section id=\"results\"><h2>Results</h2>");
        MetricTables.Paper(html, input.Evaluation.Report);
        MetricTables.Others(html, input.Evaluation.Report);
        MetricTables.Classes(html, input.Evaluation);
        html.Line($"</section>");
        FigureSection();
        TrainingSection();
        using var galleries = new Galleries(input, html);
        galleries.Write();
        FactSection();
        html.Line($"</main>\n</body>\n</html>");
    }

    private void Head()
    {
        // The policy makes "needs no network" a promise that the browser keeps.
        html.Line($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.Line($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">");
        html.Line($"<title>{input.Title}</title>");
        html.Style(Css());
        html.Line($"</head>\n<body>\n<main>\n<header>\n<h1>{input.Title}</h1>");
        html.Line($"""
            <p class="lead">This model places photos among words (DeViSE, a deep visual-semantic embedding): a neural network turns a photo into a point
            and learns to put it near the point of the word for what the photo shows. So it can name a photo, or find photos for a name, even with names of
            which it never saw a photo.</p>
            """);
        html.Line($"""<nav aria-label="Sections"><a href="#results">Results</a> <a href="#figures">Figures</a> <a href="#training">Training</a> <a href="#galleries">Examples</a> <a href="#facts">About this run</a></nav>""");
        html.Line($"</header>");
    }

    private void FigureSection()
    {
        var seen = input.Evaluation.Report.Seen;
        html.Line($"<section id=\"figures\"><h2>Figures</h2>");
        Figure("confusion", "Confusion matrix", "Dark squares on the diagonal are right answers; a dark square elsewhere is a pair of classes that the model mixes up. All names compete, seen and unseen.",
            $"Confusion matrix of {input.Evaluation.Confusion.Labels.Count} classes. {Html.Rate(seen.Top1)} of the seen classes' photos are right when only seen names compete. The table 'Every class in numbers' has the same as text.");
        Figure("classes", "Accuracy by class", "Classes differ widely; the number of photos behind each bar is in brackets.",
            $"Bar chart of first-answer accuracy for {input.Evaluation.Classes.Count} classes; the table 'Every class in numbers' has the values.");
        html.Line($"</section>");
    }

    private void TrainingSection()
    {
        html.Line($"<section id=\"training\"><h2>Training</h2>");
        if (input.History.Count == 0) html.Line($"<p>No history of the training came with this model.</p>");
        else
        {
            Figure("training", "Training history", "Falling loss and rising accuracy on validation images mean that the model learns more than its training images by heart.",
                "Line charts of loss and validation accuracy for each stage of training; the table below has the values.");
            html.Line($"""<details><summary>Every epoch in numbers</summary><div class="scroll"><table><thead><tr><th scope="col">Stage</th><th scope="col">Backbone</th><th scope="col">Epoch</th><th scope="col">Training loss</th><th scope="col">Validation loss</th><th scope="col">Validation top-1</th><th scope="col">Learning rate</th><th scope="col">Images/s</th></tr></thead><tbody>""");
            foreach (var e in input.History)
                html.Line($"<tr><td>{e.Stage}</td><td class=\"text\">{e.Phase}</td><td>{e.Epoch}</td><td>{e.TrainLoss:0.0000}</td><td>{e.ValidLoss:0.0000}</td><td>{Html.Rate(e.ValidTop1)}</td><td>{e.LearningRate:0.0E+0}</td><td>{e.ImagesPerSecond:0}</td></tr>");
            html.Line($"</tbody></table></div></details>");
        }
        html.Line($"</section>");
    }

    private void Figure(string name, string title, string caption, string alt)
    {
        html.Line($"<figure class=\"plot\"><h3>{title}</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><img class=\"{name}\" alt=\"{alt}\" src=\"data:image/png;base64,{Convert.ToBase64String(figures[name])}\"></div><figcaption>{caption}</figcaption></figure>");
    }

    private void FactSection()
    {
        var data = input.Evaluation.Report.Data;
        html.Line($"<section id=\"facts\"><h2>About this run</h2>");
        Facts("Data", [
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
        html.Line($"<p>The same figures for programs: <code>{EvaluationReport.FileName}</code> beside this file.</p></section>");
    }

    private void Facts(string title, IEnumerable<ReportFact> facts)
    {
        html.Line($"<h3>{title}</h3><div class=\"scroll\"><table class=\"facts\"><tbody>");
        foreach (var fact in facts) html.Line($"<tr><th scope=\"row\">{fact.Name}</th><td>{fact.Value}</td></tr>");
        html.Line($"</tbody></table></div>");
    }

    private static string Css()
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }
}
