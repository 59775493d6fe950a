using System.Globalization;
using MLNet.Devise.Reports.Pages;

namespace MLNet.Devise.Reports.Notebooks;

/// <summary>
/// A piece of a page that shows itself: the last line of a notebook's cell, after <see cref="NotebookFormatters.Register"/>, or a part of an
/// <see cref="HtmlPage"/>. It brings its style, needs no network, and keeps to the colours around it, light or dark.
/// </summary>
public sealed class HtmlView
{
    private static readonly string Css = Resources.Text("notebook.css");
    private readonly string _body;

    internal HtmlView(Action<Html> write)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        write(new Html(text));
        _body = text.ToString();
    }

    /// <summary>The markup with its style sheet.</summary>
    public string ToHtml() => $"<style>\n{Css}</style>\n{ToHtmlWithoutStyle()}";

    /// <summary>What a place without HTML gets: what there is to see, in a word.</summary>
    public override string ToString() => $"HTML, {_body.Length} characters";

    internal static string Style => Css;

    internal string ToHtmlWithoutStyle() => $"<div class=\"devise\">\n{_body}</div>\n";
}
