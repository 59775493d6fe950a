using MLNet.Devise.Data;
using MLNet.Devise.Reports.Drawing;

namespace MLNet.Devise.Reports.Pages;

/// <summary>Maps of photos among word vectors that readers can walk through. What the script draws, it draws from data in the page.</summary>
internal sealed class MapSection(ReportInput input, Html html, Thumbnails thumbnails)
{
    private const int MostPhotos = 1200;
    private const int Pixels = 96;
    private const int MostBytes = 4 << 20;
    private const int Answers = 3;

    /// <summary>The evaluated photos; where there are many, drawn ones of all classes.</summary>
    public void Photos(EmbeddingMap map)
    {
        var result = input.Evaluation;
        var (seen, unseen) = (GalleryDraw.Images(result, true, input.Seed).ToArray(), GalleryDraw.Images(result, false, input.Seed).ToArray());
        // A kind that has fewer than half leaves its room to the other.
        var ofUnseen = Math.Min(unseen.Length, Math.Max(MostPhotos / 2, MostPhotos - seen.Length));
        int[] shown = [.. seen.Take(MostPhotos - ofUnseen), .. unseen.Take(ofUnseen)];
        Map("map-photos", "Map of photos and word vectors", map, shown, [.. shown.Select(i => result.Images[i].Path)],
            shown.Select(i => result.Predictions[i].Top.Take(Answers).Select(top => (object[])[ClassList.Display(top.Label), Math.Round(top.Cosine, 2)])));
        if (shown.Length < result.Images.Count) html.Line($"<p class=\"note\">The map shows {shown.Length:N0} of the {result.Images.Count:N0} photos, drawn at random (seed {input.Seed}) from all classes; the figure above shows all.</p>");
    }

    /// <summary>Validation photos through the epochs.</summary>
    public void Epochs(EmbeddingMap map) =>
        Map("map-epochs", "Map of validation photos, epoch by epoch", map, [.. Enumerable.Range(0, map.Classes.Count)], input.Embeddings!.Paths, null);

    private void Map(string id, string title, EmbeddingMap map, int[] shown, IReadOnlyList<string> paths, IEnumerable<object>? answers)
    {
        html.Line($"""
            <div class="map" data-source="{id}-data" role="group" aria-label="{title}" hidden>
            <div class="controls"></div>
            <div class="stage"><canvas tabindex="0" role="application" aria-label="{title}. Arrow keys go to the next photo, plus and minus zoom, Enter enlarges the photo." aria-describedby="{id}-details"></canvas>
            <div class="details" id="{id}-details" aria-live="polite"><p>Point at a dot, or use the arrow keys, to see its photo.</p></div></div>
            </div>
            """);
        var (left, right, bottom, top) = map.Bounds;
        float[] Rounded(IEnumerable<float> values) => [.. values.Select(value => MathF.Round(value, 4))];
        html.Data($"{id}-data", new
        {
            labels = map.Labels.Select(label => new { name = ClassList.Display(label.Name), seen = label.IsSeen, x = MathF.Round(label.X, 4), y = MathF.Round(label.Y, 4), label.Colour }),
            colours = Ink.Light.Classes.Count,
            classes = shown.Select(i => map.Classes[i]),
            frames = map.Frames.Select(frame => frame.Name),
            bounds = new { left, right, bottom, top },
            x = map.Frames.Select(frame => Rounded(shown.Select(i => frame.Points[i].X))),
            y = map.Frames.Select(frame => Rounded(shown.Select(i => frame.Points[i].Y))),
            paths,
            photos = Pictures(paths),
            answers,
        });
    }

    /// <summary>Small pictures; none any more once they have taken their part of the page.</summary>
    private string?[] Pictures(IReadOnlyList<string> paths)
    {
        var made = new string?[paths.Count];
        Parallel.For(0, made.Length, i => made[i] = thumbnails.Make(paths[i], Pixels, 70));
        var bytes = 0;
        return Array.ConvertAll(made, uri => uri is not null && (bytes += uri.Length) <= MostBytes ? uri : null);
    }
}
