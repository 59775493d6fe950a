using System.Globalization;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Comparison;

namespace MLNet.Devise.Reports.Pages;

/// <summary>Several models side by side: what each reaches, differences with intervals, tests, and gains by class.</summary>
internal sealed class ComparePage(IReadOnlyList<EvaluatedRun> runs, RunComparison comparison, Html html)
{
    private string Level => (100 * comparison.Bootstrap.Level).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private IEnumerable<(string Name, int Place)> Others => comparison.Runs.Skip(1).Select((name, i) => (name, i));

    public void Write()
    {
        Head();
        Reached();
        Differences();
        Tests();
        Classes();
        Own();
        html.Line($"</main>\n</body>\n</html>");
    }

    private void Head()
    {
        html.Line($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.Line($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">");
        html.Line($"<title>{string.Join(" · ", comparison.Runs)}</title>");
        html.Style(Resources.Text("report.css") + Resources.Text("compare.css"));
        html.Line($"</head>\n<body>\n<main>\n<header>\n<h1>{comparison.Runs.Count} models on the same {comparison.Images:N0} photos</h1>");
        html.Line($"""
            <p class="lead">All models named the same photos, so they are compared photo by photo. Every other model is compared with the first, <b>{comparison.Runs[0]}</b>.
            An interval says how much a figure would vary with other photos of the same classes; it says nothing of other classes, or of training again with another seed.</p>
            """);
        html.Line($"""<nav aria-label="Sections"><a href="#reached">Figures</a> <a href="#differences">Differences</a> <a href="#tests">Tests</a> <a href="#classes">Classes</a> <a href="#own">Not paired</a></nav>""");
        foreach (var note in comparison.Notes) html.Line($"<p class=\"warning\"><b>Note:</b> {note}</p>");
        html.Line($"</header>");
    }

    private void Reached()
    {
        html.Line($"<section id=\"reached\"><h2 id=\"reached-table\">What each model reaches</h2>");
        TableHead("reached-table", ["Measure", .. comparison.Runs]);
        foreach (var figure in comparison.Figures)
        {
            html.Add($"<tr><th scope=\"row\">{Words(figure.Key)}</th>");
            for (var run = 0; run < comparison.Runs.Count; run++)
                html.Add($"<td>{Value(figure, figure.Values[run])} <small class=\"interval\">{Value(figure, figure.Intervals[run].Low, unit: false)} – {Value(figure, figure.Intervals[run].High, unit: false)}</small></td>");
            html.Line($"</tr>");
        }
        html.Line($"""
            </tbody></table></div><p class="note">In small print the {Level} bootstrap interval: {comparison.Bootstrap.Resamples:N0} draws of as many photos from each class, seed {comparison.Bootstrap.Seed}.
            Losses can be compared only between models with the same label vectors: a label transform moves these.</p></section>
            """);
    }

    private void Differences()
    {
        html.Line($"<section id=\"differences\"><h2>Differences from {comparison.Runs[0]}</h2>");
        var scale = Scale(comparison.Figures.Where(figure => !figure.LowerIsBetter).SelectMany(figure => figure.Differences));
        foreach (var (name, place) in Others)
        {
            html.Line($"<h3 id=\"run{place}\">{name}</h3>");
            TableHead($"run{place}", ["Measure", "Difference", $"{Level} interval", Axis(scale), "Verdict"]);
            foreach (var figure in comparison.Figures)
            {
                var difference = figure.Differences[place];
                html.Add($"<tr><th scope=\"row\">{Words(figure.Key)}</th><td>{Signed(figure, difference.Value)}</td><td>{Signed(figure, difference.Interval.Low)} to {Signed(figure, difference.Interval.High)}</td><td class=\"bar\">");
                if (!figure.LowerIsBetter) Bar(difference, scale);
                html.Line($"</td><td class=\"text\">{(figure.LowerIsBetter ? "–" : Verdict(difference))}</td></tr>");
            }
            html.Line($"</tbody></table></div>");
        }
        html.Line($"<p class=\"note\">Differences of rates are in percentage points. “Better” and “worse” where the interval leaves out 0; with {comparison.Figures.Count * (comparison.Runs.Count - 1)} rows, one in twenty would be so by chance. The tests below are corrected for that.</p></section>");
    }

    private void Tests()
    {
        html.Line($"<section id=\"tests\"><h2 id=\"tests-table\">Who is right where the other is wrong?</h2>");
        TableHead("tests-table", ["Answers", "Model", "only it is right", $"only {comparison.Runs[0]} is right", "p, exact", "p, mid-p", "p, corrected (Holm)"]);
        foreach (var test in comparison.Tests)
            html.Line($"<tr><th scope=\"row\">{Words(test.Key)}</th><td class=\"text\">{test.Run}</td><td>{test.Test.OnlySecond:N0}</td><td>{test.Test.OnlyFirst:N0}</td><td>{P(test.Test.Exact)}</td><td>{P(test.Test.MidP)}</td><td>{P(test.Holm)}</td></tr>");
        html.Line($"""
            </tbody></table></div><p class="note">McNemar's test: if two models were equally good, a photo that only one of them names right would be as likely the one's as the other's.
            The mid-p value is the one to use (Fagerland et al. 2013); the last column corrects it for the {comparison.Tests.Count} tests of this table.</p></section>
            """);
    }

    private void Classes()
    {
        html.Line($"<section id=\"classes\"><h2>Gains by class</h2>");
        var scale = Scale(comparison.Classes.SelectMany(c => c.Differences));
        foreach (var (name, place) in Others)
        {
            html.Line($"<h3 id=\"gains{place}\">{name}</h3>");
            TableHead($"gains{place}", ["Class", "Kind", "Photos", comparison.Runs[0], name, "Difference", Axis(scale)]);
            foreach (var c in comparison.Classes.OrderByDescending(c => c.Differences[place].Value).ThenBy(c => c.Label, StringComparer.Ordinal))
            {
                html.Add($"<tr><th scope=\"row\">{ClassList.Display(c.Label)}</th><td class=\"text\">{(c.IsSeen ? "seen" : "unseen")}</td><td>{c.Images:N0}</td><td>{Html.Rate(c.Top1[0])}</td><td>{Html.Rate(c.Top1[place + 1])}</td><td>{Points(c.Differences[place].Value)}</td><td class=\"bar\">");
                Bar(c.Differences[place], scale);
                html.Line($"</td></tr>");
            }
            html.Line($"</tbody></table></div>");
        }
        html.Line($"<p class=\"note\">Right name first, seen classes among seen names, unseen ones among unseen names. The thin line is the {Level} interval; a class of few photos has a wide one.</p></section>");
    }

    /// <summary>What each evaluation said that cannot be had from single photos.</summary>
    private void Own()
    {
        html.Line($"<section id=\"own\"><h2 id=\"own-table\">Figures without a pair</h2>");
        TableHead("own-table", ["As each model's own evaluation has it", .. comparison.Runs]);
        void Row(string name, Func<EvaluationReport, string> value)
        {
            html.Add($"<tr><th scope=\"row\">{name}</th>");
            foreach (var run in runs) html.Add($"<td>{value(run.Report)}</td>");
            html.Line($"</tr>");
        }
        static string Three(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";
        Row("Backbone", r => r.Model.Backbone);
        Row("Parameters", r => r.Model.Parameters.ToString("N0", CultureInfo.InvariantCulture));
        Row("Size of the model file", r => $"{(r.Model.Bytes / 1024.0).ToString("N0", CultureInfo.InvariantCulture)} KB");
        Row("Stage 1: accuracy of the classifier", r => Html.Rate(r.Stage1.Accuracy));
        Row("γ, taken off seen names", r => Three(r.Generalized?.Calibrated?.Gamma));
        Row("Area under the seen–unseen curve", r => Three(r.Generalized?.AreaUnderCurve));
        Row("Calibration error (ECE), seen classes", r => Three(r.Calibration.Seen.Ece));
        Row("A class name finds photos: precision at 10", r => Html.Rate(r.Retrieval.TextToImage.PrecisionAt10));
        Row("… mean average precision", r => Html.Rate(r.Retrieval.TextToImage.Map));
        Row("A photo finds photos of its class: precision at 10", r => Html.Rate(r.Retrieval.ImageToImage.PrecisionAt10));
        Row("… mean average precision", r => Html.Rate(r.Retrieval.ImageToImage.Map));
        html.Line($"</tbody></table></div></section>");
    }

    private void TableHead(string id, IEnumerable<string> columns)
    {
        html.Add($"<div class=\"scroll\"><table aria-labelledby=\"{id}\" class=\"compare\"><thead><tr>");
        foreach (var column in columns) html.Add(column is "Model" or "Kind" or "Verdict" ? $"<th scope=\"col\" class=\"text\">{column}</th>" : (FormattableString)$"<th scope=\"col\">{column}</th>");
        html.Line($"</tr></thead><tbody>");
    }

    /// <summary>A bar from the middle to the difference, with its interval as a line over it.</summary>
    private void Bar(Difference difference, double scale)
    {
        double X(double value) => 90 + 84 * Math.Clamp(value / scale, -1, 1);
        var (from, to) = (Math.Min(X(0), X(difference.Value)), Math.Max(X(0), X(difference.Value)));
        html.Add($"<svg width=\"180\" height=\"18\" viewBox=\"0 0 180 18\" role=\"img\" aria-label=\"{Points(difference.Value)}\"><line class=\"axis\" x1=\"90\" x2=\"90\" y1=\"0\" y2=\"18\"/>");
        html.Add($"<rect class=\"{(difference.Value < 0 ? "loss" : "gain")}\" x=\"{from:0.##}\" y=\"4\" width=\"{to - from:0.##}\" height=\"10\"/>");
        html.Add($"<line class=\"whisker\" x1=\"{X(difference.Interval.Low):0.##}\" x2=\"{X(difference.Interval.High):0.##}\" y1=\"9\" y2=\"9\"/></svg>");
    }

    /// <summary>The end of the bars' axis: the largest difference or end of an interval, up to the next 5 points.</summary>
    private static double Scale(IEnumerable<Difference> differences) =>
        Math.Max(0.05, Math.Ceiling(20 * differences.Max(d => Math.Max(Math.Abs(d.Interval.Low), Math.Abs(d.Interval.High))) - 1e-9) / 20);

    private static string Axis(double scale) => $"{Points(-scale)} … {Points(scale)}";

    private static string Verdict(Difference difference) => (difference.Interval.Low, difference.Interval.High) switch
    {
        ( > 0, _) => "✓ better",
        (_, < 0) => "✗ worse",
        (0, 0) => "the same",
        _ => "undecided",
    };

    private static string Value(ComparedFigure figure, double value, bool unit = true) =>
        figure.LowerIsBetter ? value.ToString("0.000", CultureInfo.InvariantCulture) : unit ? Html.Rate(value) : (100 * value).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Signed(ComparedFigure figure, double value) => figure.LowerIsBetter ? value.ToString("+0.000;−0.000;0", CultureInfo.InvariantCulture) : Points(value);

    private static string Points(double value) => (100 * value).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    private static string P(double value) => value < 0.0001 ? "< 0.0001" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>A figure's place in metrics.json, in words.</summary>
    private static string Words(string key)
    {
        var dot = key.LastIndexOf('.');
        var whose = key[..dot] switch
        {
            "seen" => "Seen classes",
            "zeroShot" => "Unseen classes",
            "zeroShot.unseenLabels" => "Unseen classes, unseen names",
            "zeroShot.allLabels" => "Unseen classes, all names",
            "generalized" => "All photos, all names",
            "generalized.calibrated" => "All photos, all names, seen ones lowered by γ",
            var other => other,
        };
        var what = (key[..dot], key[(dot + 1)..]) switch
        {
            ("generalized", "top1") => "right name first (each model with its γ)",
            (_, "top1") => "right name first",
            (_, "perClassTop1") => "right name first, mean over classes",
            (_, "loss") => "loss (1 − cosine)",
            (_, "unseen") => "top-1 of unseen classes",
            (_, "seen") => "top-1 of seen classes",
            (_, "harmonic") => "harmonic mean of both",
            (_, ['t', 'o', 'p', .. var k]) => $"right name among the first {k}",
            (_, var other) => other,
        };
        return $"{whose}: {what}";
    }
}
