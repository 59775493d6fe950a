using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Reports.Pages;

/// <summary>Draws what the galleries show by a seeded hash, so that nobody picks the good ones, and from as many classes as there are.</summary>
internal static class GalleryDraw
{
    /// <summary>Classes of one kind in drawn order.</summary>
    public static IEnumerable<string> Classes(EvaluationResult result, bool seen, long seed) =>
        result.Classes.Where(c => c.IsSeen == seen).Select(c => c.Label).OrderBy(label => StableHash.Of(label, seed)).ThenBy(label => label, StringComparer.Ordinal);

    /// <summary>Images of one kind: one of each class in drawn order, then a second of each, and so on.</summary>
    public static IEnumerable<int> Images(EvaluationResult result, bool seen, long seed)
    {
        var byLabel = Enumerable.Range(0, result.Images.Count).ToLookup(i => result.Images[i].Label);
        var drawn = Classes(result, seen, seed).Select(label => byLabel[label].OrderBy(i => StableHash.Of(result.Images[i].Path, seed)).ThenBy(i => i).ToArray()).ToArray();
        for (var turn = 0; drawn.Any(images => turn < images.Length); turn++)
            foreach (var images in drawn)
                if (turn < images.Length) yield return images[turn];
    }
}
