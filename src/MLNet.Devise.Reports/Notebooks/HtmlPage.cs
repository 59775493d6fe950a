using MLNet.Devise.Data;
using MLNet.Devise.Reports.Pages;

namespace MLNet.Devise.Reports.Notebooks;

/// <summary>A page made of views and words between them: what a notebook shows, from a program, in one file that needs no network.</summary>
/// <param name="title">Heading and window title.</param>
public sealed class HtmlPage(string title)
{
    private readonly List<Action<TextWriter>> _parts = [];

    /// <summary>Adds a paragraph.</summary>
    public HtmlPage Add(string words)
    {
        _parts.Add(writer => new Html(writer).Line($"<p>{words}</p>"));
        return this;
    }

    /// <summary>Adds a view under a heading.</summary>
    public HtmlPage Add(string heading, HtmlView view)
    {
        _parts.Add(writer =>
        {
            new Html(writer).Line($"<h2>{heading}</h2>");
            writer.Write(view.ToHtmlWithoutStyle());
        });
        return this;
    }

    /// <summary>Writes the page, whole; an older file is replaced.</summary>
    /// <exception cref="DeviseInputException">The file cannot be written.</exception>
    public void Write(string path) => WholeFile.WriteText(path, writer =>
    {
        var html = new Html(writer);
        html.Line($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.Line($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n<title>{title}</title>");
        writer.Write($"<style>\n:root {{ color-scheme: light dark; }}\nbody {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }}\n{HtmlView.Style}</style>\n");
        html.Line($"</head>\n<body>\n<h1>{title}</h1>");
        foreach (var part in _parts) part(writer);
        html.Line($"</body>\n</html>");
    });
}
