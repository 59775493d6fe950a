namespace MLNet.Devise.Reports.Pages;

/// <summary>The page from top to bottom.</summary>
internal sealed class ReportPage(ReportInput input, ReportFigures figures, Html html)
{
    private const string ScriptName = "report.js";

    private readonly string _script = Resources.Text(ScriptName);
    private readonly Thumbnails _thumbnails = new(input.DataFolder);

    public void Write()
    {
        var tiles = new Tiles(html, _thumbnails);
        Head();
        Headline.Write(html, input.Evaluation.Report);
        Results();
        FigureSection();
        new LossSection(input, html, tiles).Write();
        Embeddings();
        using (var galleries = new Galleries(input, html, tiles)) galleries.Write();
        Training();
        new FactSection(input, html).Write();
        html.Line($"</main>");
        html.Script(_script);
        html.Line($"</body>\n</html>");
    }

    private void Head()
    {
        // The policy makes "needs no network" a promise that the browser keeps, and lets no script run but ours.
        html.Line($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.Line($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '{Html.HashOf(_script)}'\">");
        html.Line($"<title>{input.Title}</title>");
        html.Style(Resources.Text("report.css"));
        html.Line($"</head>\n<body>");
        html.Line($"<a class=\"skip\" href=\"#glance\">Skip to the results</a>");
        html.Line($"""
            <nav class="contents" aria-label="Contents"><p>Contents</p><ol>
            <li><a href="#glance">At a glance</a></li><li><a href="#results">Results in numbers</a></li><li><a href="#figures">Results in pictures</a></li>
            <li><a href="#losses">Largest and smallest losses</a></li><li><a href="#embedding">Photos among words</a></li><li><a href="#galleries">Examples</a></li>
            <li><a href="#training">Training</a></li><li><a href="#facts">About this run</a></li>
            </ol></nav>
            """);
        html.Line($"<main>\n<header>\n<h1>{input.Title}</h1>");
        html.Line($"""
            <p class="lead">This model places photos among words (DeViSE, a deep visual-semantic embedding): a neural network turns a photo into a point
            and learns to put it near the point of the word for what the photo shows. So it can name a photo, or find photos for a name, even with names of
            which it never saw a photo.</p>
            """);
        html.Line($"</header>");
    }

    private void Results()
    {
        html.Line($"<section id=\"results\"><h2>Results in numbers</h2>");
        new PaperTables(html, input.Evaluation.Report).Write();
        MetricTables.Others(html, input.Evaluation.Report);
        MetricTables.Classes(html, input.Evaluation);
        html.Line($"</section>");
    }

    private void FigureSection()
    {
        var (seen, all) = (input.Evaluation.Report.Seen, input.Evaluation.Confusion.Labels.Count);
        html.Line($"<section id=\"figures\"><h2>Results in pictures</h2>");
        figures.Write(html, "classes", "Accuracy by class", "Classes differ widely; the number of photos behind each bar is in brackets.",
            $"Bar chart of first-answer accuracy for {input.Evaluation.Classes.Count} classes; the table 'Every class in numbers' has the values.");
        figures.Write(html, "confusion", "Confusion matrix", "Strong squares on the diagonal are right answers; a strong square elsewhere is a pair of classes that the model mixes up. All names compete, seen and unseen. Classes with like word vectors stand side by side, so that a block around the diagonal is a family that the model mixes up within.",
            $"Confusion matrix of {all} classes. {Html.Rate(seen.Top1)} of the seen classes' photos are right when only seen names compete. The table 'Every class in numbers' has for each class its accuracy and what it is most often taken for.");
        figures.Write(html, "confused-pairs", "Most confused pairs", "Where the two word vectors are alike (a cosine near 1), the names themselves are hard to tell apart; where they are not, the photos are.",
            $"Bar chart of the pairs of classes that are confused most often. The first: {figures.WorstPair}.");
        if (input.Evaluation.Report.Generalized is { } g)
            figures.Write(html, "seen-unseen", "Seen against unseen", "A model leans to names that it was trained on. Taking γ off their scores gives the others their chance: the more, the further right on the curve. The further the curve reaches to the upper right, the better.",
                FormattableString.Invariant($"Curve of accuracy on seen classes over accuracy on unseen classes, for all handicaps. Without one: unseen {Html.Rate(g.Unseen)}, seen {Html.Rate(g.Seen)}. At best: unseen {Html.Rate(g.Best.Unseen)}, seen {Html.Rate(g.Best.Seen)}. Area {g.AreaUnderCurve:0.000}."));
        var calibration = input.Evaluation.Report.Calibration;
        figures.Write(html, "reliability", "Do probabilities mean what they say?", FormattableString.Invariant($"Confidence is the probability of the best name (softmax of cosine / {calibration.Temperature:0.000}, the temperature fitted on {Words(calibration.FittedOn)}). Bars on the dashed line keep their promise; below it the model is too sure, above it too modest. Pale bars stand for few photos."),
            FormattableString.Invariant($"Reliability diagram. Expected calibration error: {100 * calibration.Seen.Ece:0.0} points on seen classes{(calibration.Unseen is { } unseen ? FormattableString.Invariant($", {100 * unseen.Ece:0.0} on unseen ones") : "")}."));
        html.Line($"</section>");

        static string Words(string fittedOn) => fittedOn switch { "valid" => "the validation photos", "halves" => "each other half of the photos", _ => "these very photos" };
    }

    private void Embeddings()
    {
        html.Line($"<section id=\"embedding\"><h2>Photos among words</h2><p>Every photo and every name is a point in a space of {input.Labels.Dimension} dimensions. Here they are seen from where the photos differ most (principal components), so points far apart are far apart, while points side by side may only look it.</p>");
        figures.Write(html, "embedding", "All evaluated photos", "A photo should lie near the triangle of its own colour. Colours repeat, but not side by side.",
            "Scatter plot of photos and label vectors on their first two principal components.");
        var maps = new MapSection(input, html, _thumbnails);
        if (figures.Map is { } map) maps.Photos(map);
        if (figures.EpochMap is { } epochs)
        {
            figures.Write(html, "embedding-epochs", "During training", "Validation photos after the first and the last epoch of stage 2: they leave the common heap and gather around their words. The animation embedding-epochs.gif in the folder of figures has every epoch.",
                "Two scatter plots of validation photos and label vectors: after the first epoch and after the last.");
            maps.Epochs(epochs);
        }
        html.Line($"</section>");
    }

    private void Training()
    {
        html.Line($"<section id=\"training\"><h2>Training</h2>");
        figures.Write(html, "histogram", "Photos of each class", "A class with few photos is learnt less well, unless balancing makes up for it.", $"Bar chart of the number of photos of {input.Classes.Count} classes, by what they are for.");
        if (input.History.Count == 0) html.Line($"<p>No history of the training came with this model.</p>");
        else
        {
            figures.Write(html, "training", "Training history", "Falling loss and rising accuracy on validation images mean that the model learns more than its training images by heart.",
                "Line charts of loss and validation accuracy for each stage of training; the table below has the values.");
            html.Line($"""<details><summary>Every epoch in numbers</summary><div class="scroll"><table aria-label="Every epoch in numbers"><thead><tr><th scope="col">Stage</th><th scope="col">Backbone</th><th scope="col">Epoch</th><th scope="col">Training loss</th><th scope="col">Validation loss</th><th scope="col">Validation top-1</th><th scope="col">Learning rate</th><th scope="col">Images/s</th></tr></thead><tbody>""");
            foreach (var e in input.History)
                html.Line($"<tr><td>{e.Stage}</td><td class=\"text\">{e.Phase}</td><td>{e.Epoch}</td><td>{e.TrainLoss:0.0000}</td><td>{e.ValidLoss:0.0000}</td><td>{Html.Rate(e.ValidTop1)}</td><td>{e.LearningRate:0.0E+0}</td><td>{e.ImagesPerSecond:0}</td></tr>");
            html.Line($"</tbody></table></div></details>");
        }
        html.Line($"</section>");
    }
}
