using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>The pieces that galleries are made of. Right and wrong are said by a sign, a word and a colour.</summary>
internal sealed class Tiles(Html html, Thumbnails thumbnails)
{
    /// <inheritdoc cref="Thumbnails.FileOf"/>
    public string FileOf(string path) => thumbnails.FileOf(path);

    /// <summary>The photo itself, or a gap that says why.</summary>
    public void Photo(string path, string label)
    {
        var name = ClassList.Display(label);
        if (thumbnails.Of(path) is { } uri) Image(uri, $"Photo of: {name}", path);
        else html.Add($"<span class=\"gap\" title=\"{path}\">photo of: {name}<br>(file not readable)</span>");
    }

    /// <summary>The photo under heat.</summary>
    public void Heat(string path, HeatMap heat, string alt)
    {
        if (thumbnails.Of(path, heat) is { } uri) Image(uri, alt, path);
    }

    /// <summary>The sign of a right or wrong answer.</summary>
    public void Mark(bool right)
    {
        if (right) html.Add($"<span class=\"mark right\">✓<span class=\"spoken\"> right:</span></span>");
        else html.Add($"<span class=\"mark wrong\">✗<span class=\"spoken\"> wrong:</span></span>");
    }

    /// <summary>A name, tagged where its class is unseen, with its cosine.</summary>
    public void Answer(string label, float cosine, bool tag)
    {
        html.Add($"<span class=\"name\">{ClassList.Display(label)}");
        if (tag) html.Add($" <small class=\"tag\">unseen</small>");
        html.Add($"</span> <span class=\"cosine\">{Html.Cosine(cosine)}</span>");
    }

    private void Image(string uri, string alt, string path) =>
        html.Add($"<img width=\"{Thumbnails.Side}\" height=\"{Thumbnails.Side}\" loading=\"lazy\" alt=\"{alt}\" title=\"{path}\" data-zoom=\"{path}\" src=\"{uri}\">");
}
