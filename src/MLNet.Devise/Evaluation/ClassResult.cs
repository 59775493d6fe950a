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
    internal static IReadOnlyList<ClassResult> Of(EvaluatedImages images, IReadOnlyList<ImagePrediction> predictions, ConfusionMatrix confusion, IReadOnlyList<QueryOutcome> textQueries)
    {
        var own = Enumerable.Range(0, predictions.Count).ToLookup(i => images.Truth[i], i => predictions[i]);
        return [.. textQueries.Select(query =>
        {
            var worst = confusion.MostConfusedWith(query.Label);
            return new ClassResult(
                images.Labels.Names[query.Label], query.Label < images.Seen, own[query.Label].Count(), own[query.Label].Average(p => p.RankOwn == 1 ? 1.0 : 0),
                confusion.Share(query.Label, query.Label), worst < 0 ? null : confusion.Labels[worst], query.At(10).Precision);
        })];
    }
}
