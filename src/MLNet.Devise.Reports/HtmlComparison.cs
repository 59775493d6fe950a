using MLNet.Devise.Data;
using MLNet.Devise.Evaluation.Comparison;
using MLNet.Devise.Reports.Pages;

namespace MLNet.Devise.Reports;

/// <summary>Writes the comparison of several models as one page that needs no network.</summary>
public static class HtmlComparison
{
    /// <summary>The page's name where only a folder is given.</summary>
    public const string FileName = "compare.html";

    /// <summary>Writes the page, whole; an older one is replaced. The same input gives the same bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="runs">The models, as they were compared.</param>
    /// <param name="comparison">What <see cref="RunComparison.Of"/> found of them.</param>
    public static void Write(string path, IReadOnlyList<EvaluatedRun> runs, RunComparison comparison) =>
        WholeFile.WriteText(path, writer => new ComparePage(runs, comparison, new Html(writer)).Write());
}
