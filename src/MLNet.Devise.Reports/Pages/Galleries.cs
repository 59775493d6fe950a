using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Search;

namespace MLNet.Devise.Reports.Pages;

/// <summary>What the model does with single photos and names: image → text, text → image, image → image.</summary>
internal sealed class Galleries : IDisposable
{
    private const int PhotosToName = 12;
    private const int NamesToSearch = 5;
    private const int PhotosToSearch = 4;
    private const int Results = 6;

    private readonly long _seed;
    private readonly Html _html;
    private readonly Tiles _tiles;
    private readonly EvaluationResult _result;
    private readonly LabelSpace _labels;
    private readonly int _seen;
    private readonly ExactIndex _index;

    public Galleries(ReportInput input, Html html, Tiles tiles)
    {
        (_seed, _html, _tiles, _result) = (input.Seed, html, tiles, input.Evaluation);
        (_labels, _seen) = (input.Labels.Select(_result.Confusion.Labels), _result.Confusion.SeenCount);
        _index = new([.. _result.Images.Select(image => image.Path)], _result.Images.SelectMany(image => image.Embedding).ToArray(), _labels.Dimension);
    }

    public void Write()
    {
        _html.Line($"<section id=\"galleries\"><h2>Examples</h2>");
        _html.Line($"""
            <p>Photos and names are drawn at random (seed {_seed}), not picked. Numbers are cosines: 1 means the same direction, 0 unrelated.
            <span class="mark right">✓</span> right, <span class="mark wrong">✗</span> wrong; <small class="tag">unseen</small> marks classes of which the model was shown no photo.</p>
            """);
        Kinds("What does the photo show? (image → text)", seen =>
        {
            _html.Line($"<div class=\"named\">");
            foreach (var image in GalleryDraw.Images(_result, seen, _seed).Take(PhotosToName)) Named(_result.Images[image], seen);
            _html.Line($"</div>");
        });
        Kinds("Which photos show this? (text → image)", seen =>
        {
            foreach (var label in GalleryDraw.Classes(_result, seen, _seed).Take(NamesToSearch))
            {
                _html.Line($"<div class=\"query\"><p class=\"asked\"><q>{ClassList.Display(label)}</q></p>");
                Found(label, _index.Search(_labels.Vector(_labels.IndexOf(label)), Results));
            }
        });
        Kinds("Which photos are like this one? (image → image)", seen =>
        {
            foreach (var image in GalleryDraw.Images(_result, seen, _seed).Take(PhotosToSearch))
            {
                var asked = _result.Images[image];
                _html.Add($"<div class=\"query\"><figure class=\"tile asked\">");
                _tiles.Photo(asked.Path, asked.Label);
                _html.Line($"<figcaption>asked: <b>{ClassList.Display(asked.Label)}</b></figcaption></figure>");
                Found(asked.Label, _index.Search(asked.Embedding, Results + 1).Where(hit => hit.Row != image).Take(Results));
            }
        });
        _html.Line($"</section>");
    }

    public void Dispose() => _index.Dispose();

    private void Kinds(string title, Action<bool> write)
    {
        _html.Line($"<h3>{title}</h3>\n<h4>Seen classes</h4>");
        write(true);
        if (_result.Classes.All(c => c.IsSeen)) return;
        _html.Line($"<h4>Unseen classes</h4>");
        write(false);
    }

    /// <summary>A photo with its best names.</summary>
    private void Named(LabelledEmbedding photo, bool seen)
    {
        _html.Add($"<figure class=\"tile\">");
        _tiles.Photo(photo.Path, photo.Label);
        _html.Line($"<figcaption>shows: <b>{ClassList.Display(photo.Label)}</b></figcaption>");
        Best(photo, first: 0, seen ? 5 : 3, $"of all {_labels.Names.Count} names");
        if (!seen) Best(photo, _seen, 3, $"of the {_labels.Names.Count - _seen} unseen names");
        _html.Line($"</figure>");
    }

    /// <summary>The best labels from index <paramref name="first"/> on, ties by their order.</summary>
    private void Best(LabelledEmbedding photo, int first, int count, string among)
    {
        var cosines = new float[_labels.Names.Count];
        _labels.Cosines(photo.Embedding, cosines);
        _html.Line($"<p class=\"among\">{among}:</p><ol>");
        int[] best = [.. Enumerable.Range(first, cosines.Length - first).OrderByDescending(i => cosines[i]).Take(count)];
        foreach (var label in best)
        {
            // Only the first answer can be wrong; a later right one is worth a sign, a later other one is not.
            var right = _labels.Names[label] == photo.Label;
            _html.Add($"<li>");
            if (right || label == best[0]) _tiles.Mark(right);
            else _html.Add($"<span class=\"mark\"></span>");
            _tiles.Answer(_labels.Names[label], cosines[label], tag: first == 0 && label >= _seen);
            _html.Line($"</li>");
        }
        _html.Line($"</ol>");
    }

    /// <summary>Photos found, best first; ends the row.</summary>
    private void Found(string wanted, IEnumerable<SearchHit> hits)
    {
        _html.Line($"<ol class=\"found\">");
        foreach (var hit in hits)
        {
            var photo = _result.Images[hit.Row];
            _html.Add(photo.Label == wanted ? $"<li class=\"tile right\">" : (FormattableString)$"<li class=\"tile wrong\">");
            _tiles.Photo(photo.Path, photo.Label);
            _html.Add($"<p>");
            _tiles.Mark(photo.Label == wanted);
            _tiles.Answer(photo.Label, hit.Cosine, tag: photo.Label != wanted && _labels.IndexOf(photo.Label) >= _seen);
            _html.Line($"</p></li>");
        }
        _html.Line($"</ol></div>");
    }
}
