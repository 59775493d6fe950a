using System.CommandLine;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli;

/// <summary><c>--recall</c>: how much of the truth an approximate index shall find; how far it looks is set by that.</summary>
internal static class IndexRecall
{
    // So many stored vectors, beside the labels, stand for the images that will be searched with.
    private const int SampledImages = 100, K = 10;

    public static Option<double> Option() => new("--recall")
    {
        Description = "hnsw: share of the true ten nearest that searches shall find; ef is set by trying the labels and some images.",
        DefaultValueFactory = _ => 0.99,
    };

    public static double Target(ParseResult parsed, Option<double> option) =>
        parsed.GetValue(option) is > 0 and <= 1 and var target ? target : throw new DeviseInputException($"--recall: {parsed.GetValue(option)}, expected above 0, up to 1");

    /// <summary>Sets a graph's ef; an exact index finds everything as it is.</summary>
    /// <returns>The share found, whether that is what was asked, and a line about it.</returns>
    public static (double Recall, bool Reached, string? Remark) Calibrate(VectorIndex index, double target)
    {
        if (index is not HnswIndex graph || index.Count == 0) return (1, true, null);
        var (queries, image) = (new List<float>(index.Model?.Labels.Vectors.ToArray() ?? []), new float[index.Dimension]);
        var step = Math.Max(1, index.Count / SampledImages);
        foreach (var id in index.Ids.Where((_, row) => row % step == 0))
            if (index.TryGet(id, image)) queries.AddRange(image);
        var found = graph.Calibrate(queries.ToArray(), target, K);
        graph.Ef = found.Ef;
        var advice = found.Reached ? "" : FormattableString.Invariant($", not the {target:P1} wanted; try --m {Math.Min(64, index.Options.M * 2)}");
        return (found.Recall, found.Reached, FormattableString.Invariant($"finds {found.Recall:P1} of the ten nearest{advice}"));
    }
}
