using MLNet.Devise.Data;

namespace MLNet.Devise.Evaluation.Comparison;

/// <summary>The images that all runs were evaluated on: seen classes, then unseen ones, each by path.</summary>
internal sealed class PairedImages
{
    private PairedImages(ImagePrediction[][] predictions)
    {
        Predictions = predictions;
        SeenItems = predictions[0].Count(p => p.IsSeen);
        Classes = [.. predictions[0].Select(p => p.Label).Distinct()];
        var index = Classes.Select((label, i) => (label, i)).ToDictionary(pair => pair.label, pair => pair.i, StringComparer.Ordinal);
        Truth = [.. predictions[0].Select(p => index[p.Label])];
    }

    /// <summary>Run × image.</summary>
    public IReadOnlyList<ImagePrediction[]> Predictions { get; }

    /// <summary>The first so many are of seen classes.</summary>
    public int SeenItems { get; }

    /// <summary>Classes by first image.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Index of each image's class.</summary>
    public IReadOnlyList<int> Truth { get; }

    public int Count => Truth.Count;

    /// <exception cref="DeviseInputException">No image in common, or one that is not of the same class, or not of the same kind, in all runs.</exception>
    public static PairedImages Of(IReadOnlyList<EvaluatedRun> runs)
    {
        var byPath = runs.Select(run => run.Predictions.ToDictionary(p => p.Path, StringComparer.Ordinal)).ToArray();
        string[] paths = [.. runs[0].Predictions.Where(p => byPath.All(rows => rows.ContainsKey(p.Path))).OrderBy(p => !p.IsSeen).ThenBy(p => p.Path, StringComparer.Ordinal).Select(p => p.Path)];
        foreach (var path in paths)
            for (var run = 1; run < runs.Count; run++)
            {
                var (a, b) = (byPath[0][path], byPath[run][path]);
                if (a.Label != b.Label) throw new DeviseInputException($"{path}: '{ClassList.Display(a.Label)}' in {runs[0].Name}, '{ClassList.Display(b.Label)}' in {runs[run].Name}, expected evaluations of the same data");
                if (a.IsSeen != b.IsSeen) throw new DeviseInputException($"'{ClassList.Display(a.Label)}' was {(a.IsSeen ? "trained on" : "held out")} in {runs[0].Name} but not in {runs[run].Name}, expected runs with the same seen and unseen classes");
            }
        if (paths.Length == 0 || !byPath[0][paths[0]].IsSeen)
            throw new DeviseInputException($"no image of a seen class was evaluated in all of {string.Join(", ", runs.Select(run => run.Name))}, expected evaluations of the same data");
        return new([.. byPath.Select(rows => paths.Select(path => rows[path]).ToArray())]);
    }
}
