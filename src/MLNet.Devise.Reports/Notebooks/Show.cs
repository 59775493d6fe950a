using System.Globalization;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Reports.Pages;

namespace MLNet.Devise.Reports.Notebooks;

/// <summary>Data, training and results as pieces of a page.</summary>
public static class Show
{
    /// <summary>Losses and accuracy over the epochs of both stages.</summary>
    /// <param name="history">At least one epoch.</param>
    public static HtmlView Training(IReadOnlyList<EpochRecord> history) =>
        Figure(Figures.Training(history), $"Loss and validation accuracy of {history.Count} epochs; the last validates at {Html.Rate(history[^1].ValidTop1)}.");

    /// <summary>Which class is taken for which.</summary>
    public static HtmlView Confusion(EvaluationResult result) =>
        Figure(Figures.Confusion(result.Confusion), $"Confusion matrix of {result.Confusion.Labels.Count} classes: right answers lie on the diagonal.");

    /// <summary>Accuracy of each class.</summary>
    public static HtmlView Classes(EvaluationResult result) =>
        Figure(Figures.Classes(result), $"How often the first answer is right, for {result.Classes.Count} classes.");

    /// <summary>The loss while the learning rate rises, with the suggestion marked.</summary>
    /// <param name="points">Learning rates, rising, and losses.</param>
    /// <param name="suggestion">The rate to mark; may be null.</param>
    public static HtmlView LearningRates(IReadOnlyList<(double Rate, double Loss)> points, double? suggestion) =>
        Figure(Figures.LearningRates(points, suggestion), suggestion is { } rate ? $"Loss over learning rate; suggested: {rate:0.0E+0}." : (FormattableString)$"Loss over learning rate.");

    /// <summary>Photos in rows, in the order given.</summary>
    /// <param name="pictures">What to show; anything that is not an image is a gap.</param>
    public static HtmlView Gallery(IEnumerable<Picture> pictures) => new(html => Galleries(html, pictures));

    /// <summary>The main figures, each beside what guessing would reach.</summary>
    public static HtmlView Metrics(EvaluationReport report) => new(html =>
    {
        html.Line($"<table><thead><tr><th scope=\"col\">Measure</th><th scope=\"col\">This model</th><th scope=\"col\">Guessing</th><th scope=\"col\">Photos</th></tr></thead><tbody>");
        Rates("Seen classes: right name first", report.Seen.Top1, 1, report.Seen);
        Rates("… among the first 5", report.Seen.Top5, 5, report.Seen);
        if (report.ZeroShot is { UnseenLabels: var unseen, AllLabels: var all })
        {
            Rates("Zero-shot: right name first, unseen names compete", unseen.Top1, 1, unseen);
            Rates("Zero-shot: … first of all names", all.Top1, 1, all);
            Rates("Zero-shot: … among the first 5 of all names", all.Top5, 5, all);
        }
        if (report.Generalized is { } g) Row("Generalised zero-shot: harmonic mean of seen and unseen", g.Harmonic, null, null);
        var text = report.Retrieval.TextToImage;
        Row("Text → image: of the first 10 photos, right", text.PrecisionAt10, text.Chance, null);
        html.Line($"</tbody></table>");

        void Rates(string name, double rate, int k, HitRates rates) => Row(name, rate, Math.Min(1, (double)k / rates.Labels), rates.Images);
        void Row(string name, double rate, double? chance, int? photos) =>
            html.Line($"<tr><th scope=\"row\">{name}</th><td>{Html.Rate(rate)}</td><td>{Html.Rate(chance)}</td><td>{photos?.ToString("N0", CultureInfo.InvariantCulture) ?? "–"}</td></tr>");
    });

    /// <summary>A data folder: how many images are for what, and one image each of some classes, seen and unseen.</summary>
    public static HtmlView Data(ImageDataset data) => new(html =>
    {
        const int OfEach = 6;
        html.Line($"<table><thead><tr><th scope=\"col\">For</th><th scope=\"col\">Images</th><th scope=\"col\">Classes</th></tr></thead><tbody>");
        foreach (var (split, name) in ((Split, string)[])[(Split.Train, "training"), (Split.Valid, "validation"), (Split.Test, "test")])
        {
            ImageItem[] items = [.. data.Of(split)];
            html.Line($"<tr><th scope=\"row\">{name}</th><td>{items.Length:N0}</td><td>{items.DistinctBy(item => item.Label).Count()}</td></tr>");
        }
        html.Line($"</tbody></table>");
        Galleries(html, Firsts(data.Seen, "").Concat(Firsts(data.Unseen, ", never trained on")));

        // Spread over the list: its beginning may be all of one kind.
        IEnumerable<Picture> Firsts(IReadOnlyList<string> classes, string remark) => Enumerable.Range(0, Math.Min(OfEach, classes.Count))
            .Select(i => classes[(int)((long)i * classes.Count / Math.Min(OfEach, classes.Count))])
            // split.csv may leave out all images of a class.
            .SelectMany(label => data.Items.Where(item => item.Label == label).Take(1))
            .Select(item => new Picture(data.FullPath(item), ClassList.Display(item.Label) + remark));
    });

    /// <summary>Labels, where their vectors come from, and which other label lies nearest.</summary>
    public static HtmlView Labels(LabelSpace labels) => new(html =>
    {
        const int Most = 20;
        html.Line($"<table><thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Vector of</th><th scope=\"col\">Nearest other</th><th scope=\"col\">Cosine</th></tr></thead><tbody>");
        var cosines = new float[labels.Names.Count];
        foreach (var label in Enumerable.Range(0, Math.Min(Most, cosines.Length)))
        {
            labels.Cosines(labels.Vector(label), cosines);
            cosines[label] = float.NegativeInfinity;
            var near = Array.IndexOf(cosines, cosines.Max());
            var (name, cosine) = near == label ? ("–", "–") : (ClassList.Display(labels.Names[near]), Html.Cosine(cosines[near]));
            html.Line($"<tr><th scope=\"row\">{ClassList.Display(labels.Names[label])}</th><td class=\"text\">{labels.Origins[label]}</td><td class=\"text\">{name}</td><td>{cosine}</td></tr>");
        }
        html.Line($"</tbody></table>");
        if (cosines.Length > Most) html.Line($"<p class=\"note\">The first {Most} of {cosines.Length} labels.</p>");
    });

    private static HtmlView Figure(byte[] png, FormattableString alt) => new(html =>
        html.Line($"<img class=\"figure\" alt=\"{FormattableString.Invariant(alt)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">"));

    private static void Galleries(Html html, IEnumerable<Picture> pictures)
    {
        var thumbnails = new Thumbnails("");
        html.Line($"<div class=\"photos\">");
        foreach (var (path, caption, right) in pictures)
        {
            var (kind, sign) = right switch { true => ("right", "✓ "), false => ("wrong", "✗ "), null => ("", "") };
            html.Add($"<figure class=\"{kind}\">");
            if (thumbnails.Of(path) is { } uri) html.Add($"<img alt=\"{caption}\" title=\"{Path.GetFileName(path)}\" src=\"{uri}\">");
            else html.Add($"<div class=\"gap\">{Path.GetFileName(path)}: not a readable image</div>");
            html.Line($"<figcaption>{sign}{caption}</figcaption></figure>");
        }
        html.Line($"</div>");
    }
}
