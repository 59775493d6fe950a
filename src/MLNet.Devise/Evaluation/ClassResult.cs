namespace MLNet.Devise.Evaluation;

/// <summary>How one class fared.</summary>
/// <param name="Label">The class.</param>
/// <param name="IsSeen">Whether it was trained on.</param>
/// <param name="Images">Its images that were evaluated.</param>
/// <param name="Top1">Share of them with the right best label, among labels of its own kind (seen among seen, unseen among unseen).</param>
/// <param name="Top1AmongAll">The same when seen and unseen labels compete.</param>
/// <param name="MostConfusedWith">The label it is most often taken for when all compete; null where it never is.</param>
/// <param name="PrecisionAt10">Of searching for its name among all images.</param>
public sealed record ClassResult(string Label, bool IsSeen, int Images, double Top1, double Top1AmongAll, string? MostConfusedWith, double PrecisionAt10)
{
    /// <summary>One result for each class with images, in the order of the labels.</summary>
    internal static IReadOnlyList<ClassResult> Of(EvaluatedImages images, ConfusionMatrix confusion)
    {
        var own = Enumerable.Range(0, images.Items.Count).ToLookup(i => images.Truth[i]);
        return [.. RetrievalMetrics.TextQueries(images).Select(query =>
        {
            var (label, isSeen) = (query.Label, query.Label < images.Seen);
            var (first, count) = isSeen ? (0, images.Seen) : (images.Seen, images.Known - images.Seen);
            var hits = own[label].Count(i => HitRates.Rank(images.Cosines(i).Slice(first, count), label - first) == 0);
            var worst = confusion.MostConfusedWith(label);
            return new ClassResult(
                images.Labels.Names[label], isSeen, own[label].Count(), (double)hits / own[label].Count(),
                confusion.Share(label, label), worst < 0 ? null : confusion.Labels[worst], query.PrecisionAt10);
        })];
    }
}
