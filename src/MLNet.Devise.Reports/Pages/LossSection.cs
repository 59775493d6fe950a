using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Heat;

namespace MLNet.Devise.Reports.Pages;

/// <summary>The photos that fit their label worst and best, each with where the network looked (Grad-CAM).</summary>
internal sealed class LossSection(ReportInput input, Html html, Tiles tiles)
{
    private const int Photos = 6;
    private const int MostOfOneClass = 2;

    public void Write()
    {
        html.Line($"<section id=\"losses\"><h2>Largest and smallest losses</h2>");
        html.Line($"""
            <p>The loss of a photo is 1 − its cosine with the word vector of what it shows. Shown are the largest and the smallest of all, at most {MostOfOneClass} of a
            class.</p>
            """);
        if (input.Heat is { } heat)
        {
            html.Line($"""
                <p>The heat says which parts of the photo raise a score (Grad-CAM, Selvaraju et al. 2017): the lighter, the more. A network that has learnt the
                thing itself is warm on the thing, one that has learnt its surroundings is warm beside it. What raises the scores of all labels alike is left out.
                The map is coarse, for the network's last feature map is.</p>
                """);
            if (heat.TooCoarse is { } cells)
                html.Line($"<p class=\"note\">At this size of photos it has only {cells} × {cells} cells, each of which sees most of the photo: the heat is drawn on the deepest map with at least {HeatGraph.FewestCells} cells a side, each with its own gradient (HiResCAM, Draelos and Carin 2020).</p>");
        }
        Group("Largest losses, seen classes", seen: true, largest: true);
        Group("Largest losses, unseen classes", seen: false, largest: true);
        Group("Smallest losses, seen classes", seen: true, largest: false);
        Group("Smallest losses, unseen classes", seen: false, largest: false);
        html.Line($"</section>");
    }

    /// <summary>The predictions of one kind with the largest or smallest losses, ties by path; at most two of a class.</summary>
    internal static IEnumerable<ImagePrediction> Extremes(IReadOnlyList<ImagePrediction> predictions, bool seen, bool largest)
    {
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        return predictions.Where(p => p.IsSeen == seen).OrderBy(p => largest ? -p.Loss : p.Loss).ThenBy(p => p.Path, StringComparer.Ordinal)
            .Where(p => (taken[p.Label] = taken.GetValueOrDefault(p.Label) + 1) <= MostOfOneClass).Take(Photos);
    }

    private void Group(string title, bool seen, bool largest)
    {
        ImagePrediction[] chosen = [.. Extremes(input.Evaluation.Predictions, seen, largest)];
        if (chosen.Length == 0) return;
        html.Line($"<h3>{title}</h3><div class=\"losses\">");
        foreach (var prediction in chosen) Photo(prediction);
        html.Line($"</div>");
    }

    private void Photo(ImagePrediction p)
    {
        var right = p.Best.Label == p.Label;
        html.Add($"<figure class=\"loss\"><figcaption>");
        tiles.Mark(right);
        html.Add($"shows <b>{ClassList.Display(p.Label)}</b>");
        if (!right) html.Add($", taken for <b>{ClassList.Display(p.Best.Label)}</b>");
        html.Line($" <span class=\"cosine\">loss {Html.Cosine(p.Loss)}</span></figcaption><div class=\"looks\">");
        Look("the photo", () => tiles.Photo(p.Path, p.Label));
        Heat(input.Heat, p, p.Label, $"cosine {Html.Cosine(1 - p.Loss)}");
        if (!right) Heat(input.Heat, p, p.Best.Label, $"cosine {Html.Cosine(p.Best.Cosine)}");
        Heat(input.ClassifierHeat, p, p.Label, $"stage 1");
        html.Line($"</div></figure>");
    }

    private void Heat(GradCam? heat, ImagePrediction p, string label, FormattableString score)
    {
        if (heat?.Explain(tiles.FileOf(p.Path), label) is not { } map) return;
        var (name, words) = (ClassList.Display(label), FormattableString.Invariant(score));
        Look($"{name}, {words}", () => tiles.Heat(p.Path, map, $"Heat of {name} on a photo of {ClassList.Display(p.Label)}, {words}"));
    }

    private void Look(string words, Action picture)
    {
        html.Add($"<div class=\"look\">");
        picture();
        html.Line($"<p>{words}</p></div>");
    }
}
