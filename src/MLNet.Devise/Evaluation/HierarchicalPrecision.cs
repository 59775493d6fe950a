using MLNet.Devise.Search;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// How sensible answers are, right or not (Frome et al. 2013, hierarchical precision@k): the share of the best k labels that lie in the
/// smallest circle of hypernym links around the true label that holds at least k labels. At 1 it is top-1.
/// </summary>
/// <param name="Source">The hypernyms, by file name.</param>
/// <param name="Nodes">Names in them.</param>
/// <param name="Seen">Images of seen classes, ranked among the seen labels.</param>
/// <param name="UnseenLabels">Images of unseen classes among the unseen labels; null where there are none.</param>
/// <param name="AllLabels">… among seen and unseen labels; null where there are none.</param>
public sealed record HierarchicalReport(string Source, int Nodes, HierarchicalPrecision Seen, HierarchicalPrecision? UnseenLabels, HierarchicalPrecision? AllLabels)
{
    internal static HierarchicalReport Of(EvaluatedImages images, Hypernyms hypernyms)
    {
        var hops = hypernyms.Hops([.. images.Labels.Names.Take(images.Known)]);
        var (seen, unseen, any) = (..images.SeenItems, images.SeenItems.., images.SeenItems < images.Items.Count);
        return new(hypernyms.Source, hypernyms.Count,
            HierarchicalPrecision.Of(images, hops, seen, 0, images.Seen),
            any ? HierarchicalPrecision.Of(images, hops, unseen, images.Seen, images.Known - images.Seen) : null,
            any ? HierarchicalPrecision.Of(images, hops, unseen, 0, images.Known) : null);
    }
}

/// <summary>Hierarchical precision at Frome et al.'s k, mean over images; null where there are fewer than k labels.</summary>
/// <param name="At1">Of the best label: top-1.</param>
/// <param name="At2">Of the best 2.</param>
/// <param name="At5">Of the best 5.</param>
/// <param name="At10">Of the best 10.</param>
/// <param name="At20">Of the best 20.</param>
public sealed record HierarchicalPrecision(double At1, double? At2, double? At5, double? At10, double? At20)
{
    /// <param name="images">Images and cosines.</param>
    /// <param name="hops">Between all known labels.</param>
    /// <param name="which">The images.</param>
    /// <param name="first">The first label that competes.</param>
    /// <param name="count">And how many do.</param>
    internal static HierarchicalPrecision Of(EvaluatedImages images, int[][] hops, Range which, int first, int count)
    {
        var (start, length) = which.GetOffsetAndLength(images.Items.Count);
        double? At(int k)
        {
            if (k > count) return null;
            var circles = Enumerable.Range(first, count).Select(truth => Circle(hops[truth].AsSpan(first, count), k)).ToArray();
            var keys = new ulong[k];
            var sum = 0L;
            for (var i = start; i < start + length; i++)
            {
                TopK.Pick(images.Cosines(i).Slice(first, count), keys);
                foreach (var key in keys)
                    if (circles[images.Truth[i] - first][TopK.Row(key)]) sum++;
            }
            return (double)sum / k / length;
        }
        return new(At(1)!.Value, At(2), At(5), At(10), At(20));
    }

    /// <summary>The labels in the smallest circle with at least k; those that no way leads to come last, all at once.</summary>
    internal static bool[] Circle(ReadOnlySpan<int> hops, int k)
    {
        long[] far = [.. hops.ToArray().Select(hop => hop < 0 ? long.MaxValue : hop)];
        var radius = far.Order().ElementAt(k - 1);
        return [.. far.Select(hop => hop <= radius)];
    }
}
