using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>The few numbers that answer "is it any good?", each with what guessing would reach.</summary>
internal static class Headline
{
    public static void Write(Html html, EvaluationReport report)
    {
        html.Line($"<section aria-labelledby=\"glance\"><h2 id=\"glance\">At a glance</h2><dl class=\"cards\">");
        Card(html, "Naming what it was trained on", report.Seen.Top1, $"of {report.Seen.Images} new photos get the right name first, out of {report.Seen.Labels} names", 1.0 / report.Seen.Labels);
        if (report.ZeroShot is { } zeroShot)
        {
            var unseen = zeroShot.UnseenLabels;
            Card(html, "Naming what it never saw (zero-shot)", unseen.PerClassTop1, $"right name first, mean over {report.Data.UnseenClasses} classes without a single training photo, out of their {unseen.Labels} names", 1.0 / unseen.Labels);
            Card(html, "The same, against all names", zeroShot.AllLabels.PerClassTop5, $"right name among the first 5 of all {zeroShot.AllLabels.Labels}, though the model leans to names it was trained on", Math.Min(1, 5.0 / zeroShot.AllLabels.Labels));
        }
        if (report.Generalized is { Calibrated: { } c } && report.ZeroShot is { AllLabels.Labels: var all })
            Card(html, "Telling seen and unseen apart", c.Harmonic, FormattableString.Invariant($"harmonic mean of the top-1 of unseen classes ({Html.Rate(c.Unseen)}) and of seen ones ({Html.Rate(c.Seen)}) when all {all} names compete and seen ones are lowered by {c.Gamma:0.###}"), 1.0 / all);
        var text = report.Retrieval.TextToImage;
        Card(html, "Finding photos by name", text.PrecisionAt10, $"of the first 10 photos found for a class name show it; perfect ranking would reach {Html.Rate(text.PrecisionAt10Ceiling)}", text.Chance);
        html.Line($"</dl></section>");
    }

    private static void Card(Html html, string title, double value, string meaning, double chance) =>
        html.Line($"<div><dt>{title}</dt><dd><strong>{Html.Rate(value)}</strong> <span>{meaning}.</span> <em>Guessing: {Html.Rate(chance)}</em></dd></div>");
}
