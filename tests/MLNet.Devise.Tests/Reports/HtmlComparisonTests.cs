using System.Text.RegularExpressions;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Comparison;
using MLNet.Devise.Reports;
using MLNet.Devise.Tests.Evaluation;

namespace MLNet.Devise.Tests.Reports;

public sealed partial class HtmlComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_page_has_every_run_figure_test_and_class_and_needs_no_network()
    {
        EvaluatedRun[] runs = [Run("plain", 0.6f), Run("<odd> & \"name\"", 0.9f), Run("third", 1.2f)];
        var comparison = RunComparison.Of(runs, new() { Resamples = 100 });
        HtmlComparison.Write(_folder["c.html"], runs, comparison);
        var page = File.ReadAllText(_folder["c.html"]);

        Assert.DoesNotContain("<odd>", page);
        Assert.Contains("&lt;odd&gt; &amp; &quot;name&quot;", page);
        Assert.DoesNotMatch("(src|href)=\"(?!#|data:)", page);
        Assert.Contains("default-src 'none'", page);
        // A bar for every rate and class of each run but the first.
        var rates = comparison.Figures.Count(figure => !figure.LowerIsBetter);
        Assert.Equal(2 * (rates + comparison.Classes.Count), Count(page, "<svg "));
        Assert.Equal(Count(page, "<table"), Count(page, "</table>"));
        Assert.Equal(Count(page, "<tr>"), Count(page, "</tr>"));
        Assert.All(comparison.Classes, c => Assert.Contains($"<th scope=\"row\">{c.Label.Replace('+', ' ')}</th>", page));
        Assert.Contains("✗ worse", page);
        Assert.Contains("<td>5,469 KB</td>", page);
        Assert.DoesNotContain("generalized.", page);
        Assert.DoesNotMatch(NotANumber(), page);

        HtmlComparison.Write(_folder["again.html"], runs, comparison);
        Assert.Equal(page, File.ReadAllText(_folder["again.html"]));
    }

    [Fact]
    public void A_note_stands_on_the_page()
    {
        EvaluatedRun[] runs = [Run("a", 0.6f), Run("b", 0.9f)];
        runs[1] = runs[1] with { Predictions = [.. runs[1].Predictions.Skip(2)] };
        HtmlComparison.Write(_folder["c.html"], runs, RunComparison.Of(runs, new() { Resamples = 10 }));
        Assert.Contains("2 of its", File.ReadAllText(_folder["c.html"]));
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex(">(NaN|∞|−?Infinity)")]
    private static partial Regex NotANumber();

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static EvaluatedRun Run(string name, float noise)
    {
        var result = Evaluator.Run(Scenario.Random(seen: 6, unseen: 4, further: 0, noise: noise) with { Intervals = new() { Resamples = 0 } });
        return new(name, result.Report, result.Predictions);
    }
}
