namespace MLNet.Devise.Reports.Drawing;

/// <summary>Where photos lie among the word vectors: once, or after the first and the last epoch.</summary>
internal static class EmbeddingFigure
{
    public const int Width = 900;
    public const int Height = 760;

    public static Sheet Draw(EmbeddingMap map, Ink ink) => new(EmbeddingPlot.Draw(map, 0, "Where the photos lie among the word vectors", Width, Height, ink), Width, Height);

    public static Sheet FirstAndLast(EmbeddingMap map, Ink ink)
    {
        int[] frames = map.Frames.Count > 1 ? [0, map.Frames.Count - 1] : [0];
        return new([[.. frames.Select(frame => EmbeddingPlot.Draw(map, frame, $"Validation photos after {map.Frames[frame].Name}", 660, 600, ink))]], 660 * frames.Length, 600);
    }

    /// <summary>One frame of the animation.</summary>
    public static Sheet Frame(EmbeddingMap map, int frame, Ink ink) =>
        new(EmbeddingPlot.Draw(map, frame, $"Validation photos after {map.Frames[frame].Name} of {map.Frames.Count}", 720, 620, ink), 720, 620);
}
