using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;
using MLNet.Devise.Search;

namespace MLNet.Devise.Stores;

/// <summary>Records of what is at hand, one by one, to be put into a store.</summary>
public static class ImageRecords
{
    /// <summary>The images of a score file that could be read, with their best label.</summary>
    /// <param name="path">Scores that <c>devise score --embeddings</c> wrote.</param>
    /// <exception cref="DeviseInputException">A damaged file, or one without embeddings.</exception>
    public static IEnumerable<ImageRecord> OfScores(string path) => ScoreFile.Read(path).Where(row => row.Status == ImageStatus.Ok).Select(row => new ImageRecord
    {
        Path = row.Path,
        Label = row.Labels.Count > 0 ? row.Labels[0] : null,
        Vector = row.Embedding ?? throw new DeviseInputException($"{path}: {row.Path} has no embedding, expected scores written with --embeddings"),
    });

    /// <summary>The images of an index; each has the nearest label of the model that the index names, if it names one.</summary>
    /// <param name="index">The index.</param>
    public static IEnumerable<ImageRecord> OfIndex(VectorIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        using var labels = index.Model is { Labels: var space } ? new ExactIndex(space.Names, Flat(space), space.Dimension) : null;
        foreach (var id in index.Ids)
        {
            var vector = new float[index.Dimension];
            if (index.TryGet(id, vector)) yield return new() { Path = id, Label = labels?.Search(vector, 1)[0].Id, Vector = vector };
        }
    }

    private static float[] Flat(Labels.LabelSpace space)
    {
        var all = new float[space.Names.Count * space.Dimension];
        for (var i = 0; i < space.Names.Count; i++) space.Vector(i).CopyTo(all.AsSpan(i * space.Dimension));
        return all;
    }
}
