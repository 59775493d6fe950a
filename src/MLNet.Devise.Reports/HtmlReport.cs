using MLNet.Devise.Data;
using MLNet.Devise.Reports.Pages;

namespace MLNet.Devise.Reports;

/// <summary>
/// Writes <c>report.html</c>, one file that needs no network, and the same figures as <c>figures/*.png</c> and <c>.svg</c> beside it.
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
        var figures = new ReportFigures(input);
        figures.Save(Path.Combine(folder, FiguresName));
        WholeFile.WriteText(Path.Combine(folder, FileName), writer => new ReportPage(input, figures, new Html(writer)).Write());
    }
}
