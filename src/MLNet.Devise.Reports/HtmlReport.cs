using MLNet.Devise.Data;
using MLNet.Devise.Reports.Pages;

namespace MLNet.Devise.Reports;

/// <summary>
/// Writes <c>report.html</c>, one file that needs no network, and the same figures as <c>figures/*.png</c> beside it.
/// </summary>
public static class HtmlReport
{
    /// <summary>The report's name.</summary>
    public const string FileName = "report.html";

    /// <summary>The folder of figures.</summary>
    public const string FiguresName = "figures";

    /// <summary>Writes the files, each whole; older ones are replaced. The same input gives the same bytes.</summary>
    /// <param name="folder">Where they go; made where it does not exist.</param>
    /// <param name="input">What to report.</param>
    /// <exception cref="DeviseInputException">The labels have no vector for a class of the evaluation.</exception>
    public static void Write(string folder, ReportInput input)
    {
        var figures = new Dictionary<string, byte[]>
        {
            ["confusion"] = Figures.Confusion(input.Evaluation.Confusion, input.Labels),
            ["classes"] = Figures.Classes(input.Evaluation),
        };
        if (input.History.Count > 0) figures["training"] = Figures.Training(input.History);
        foreach (var (name, png) in figures) WholeFile.Write(Path.Combine(folder, FiguresName, $"{name}.png"), stream => stream.Write(png));
        WholeFile.WriteText(Path.Combine(folder, FileName), writer => new ReportPage(input, figures, new Html(writer)).Write());
    }
}
