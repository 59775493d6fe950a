using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>A label's place on the plane.</summary>
/// <param name="Name">The label.</param>
/// <param name="IsSeen">Whether it was trained on.</param>
/// <param name="X">Along the first axis.</param>
/// <param name="Y">Along the second.</param>
/// <param name="Colour">Number of its colour: neighbours around the middle have others.</param>
internal sealed record MapLabel(string Name, bool IsSeen, float X, float Y, int Colour);

/// <summary>The photos' places at one time.</summary>
internal sealed record MapFrame(string Name, IReadOnlyList<(float X, float Y)> Points);

/// <summary>Photos and labels on the plane on which the photos differ most. Several frames show the same photos at several times.</summary>
/// <param name="Plane">Fitted on the last frame.</param>
/// <param name="Labels">All labels.</param>
/// <param name="Classes">Index of each photo's label.</param>
/// <param name="Frames">At least one.</param>
internal sealed record EmbeddingMap(PrincipalPlane Plane, IReadOnlyList<MapLabel> Labels, IReadOnlyList<int> Classes, IReadOnlyList<MapFrame> Frames)
{
    /// <summary>Most frames of a training.</summary>
    public const int MostFrames = 60;

    /// <summary>What holds every point of every frame, with a little room around.</summary>
    public (double Left, double Right, double Bottom, double Top) Bounds
    {
        get
        {
            var all = Frames.SelectMany(frame => frame.Points).Concat(Labels.Select(label => (label.X, label.Y))).ToArray();
            var (left, right, bottom, top) = (all.Min(p => p.X), all.Max(p => p.X), all.Min(p => p.Y), all.Max(p => p.Y));
            var room = 0.05 * Math.Max(Math.Max(right - left, top - bottom), 1e-3f);
            return (left - room, right + room, bottom - room, top + room);
        }
    }

    /// <summary>The images of an evaluation.</summary>
    public static EmbeddingMap Of(EvaluationResult result, LabelSpace labels)
    {
        var matrix = result.Confusion;
        return Of(labels.Select(matrix.Labels), matrix.SeenCount, [.. result.Images.Select(image => image.Label)], [("", [.. result.Images.Select(image => image.Embedding)])]);
    }

    /// <summary>The epochs of a training; only the labels that were trained on: <paramref name="seen"/>, and what else the history has.</summary>
    public static EmbeddingMap Of(EmbeddingHistory history, LabelSpace labels, IReadOnlyList<string> seen)
    {
        // Whoever evaluates some of the classes trained on still has the photos of all of them in the history.
        string[] trained = [.. seen, .. history.Labels.Distinct().Except(seen)];
        // Frames are held in memory together.
        var shown = Math.Min(history.Epochs.Count, MostFrames);
        var epochs = Enumerable.Range(1, shown).Select(i => history.Epochs[(int)((long)i * history.Epochs.Count / shown) - 1]);
        return Of(labels.Select(trained), trained.Length, history.Labels, [.. epochs.Select(epoch => ($"epoch {epoch.Epoch}", epoch.Vectors))]);
    }

    private static EmbeddingMap Of(LabelSpace labels, int seen, IReadOnlyList<string> classes, IReadOnlyList<(string Name, IReadOnlyList<float[]> Vectors)> frames)
    {
        var plane = PrincipalPlane.Fit(frames[^1].Vectors);
        var places = labels.Names.Select((_, i) => plane.Of(labels.Vector(i))).ToArray();
        var around = Enumerable.Range(0, places.Length).OrderBy(i => MathF.Atan2(places[i].Y, places[i].X)).ThenBy(i => i).ToArray();
        return new(
            plane,
            [.. places.Select((place, i) => new MapLabel(labels.Names[i], i < seen, place.X, place.Y, Array.IndexOf(around, i)))],
            [.. classes.Select(labels.IndexOf)],
            [.. frames.Select(frame => new MapFrame(frame.Name, [.. frame.Vectors.Select(vector => plane.Of(vector))]))]);
    }
}
