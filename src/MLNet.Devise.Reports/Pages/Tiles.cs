using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>The pieces that galleries are made of. Right and wrong are said by a sign, a word and a colour.</summary>
internal sealed class Tiles(Html html, Thumbnails thumbnails)
{
    /// <summary>The photo itself, or a gap that says why.</summary>
    public void Photo(LabelledEmbedding photo)
    {
        var label = ClassList.Display(photo.Label);
        if (thumbnails.Of(photo.Path) is { } uri)
            html.Add($"<img width=\"{Thumbnails.Side}\" height=\"{Thumbnails.Side}\" loading=\"lazy\" alt=\"Photo of: {label}\" title=\"{photo.Path}\" src=\"{uri}\">");
        else html.Add($"<span class=\"gap\" title=\"{photo.Path}\">photo of: {label}<br>(file not readable)</span>");
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
        html.Add($"</span> <span class=\"cosine\">{cosine:0.00}</span>");
    }
}
