using System.Numerics.Tensors;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>One class taken for another.</summary>
/// <param name="Truth">What the photos show.</param>
/// <param name="Answer">What the model says.</param>
/// <param name="Count">How many photos.</param>
/// <param name="Images">Of how many.</param>
/// <param name="Cosine">How alike the two labels' vectors are.</param>
/// <param name="IsUnseen">Whether the class shown was never trained on.</param>
internal sealed record ConfusedPair(string Truth, string Answer, int Count, int Images, float Cosine, bool IsUnseen)
{
    public double Share => (double)Count / Images;

    /// <summary>The pairs by the share of a class's photos, most first; one photo alone makes no pair.</summary>
    public static IReadOnlyList<ConfusedPair> Of(ConfusionMatrix matrix, LabelSpace labels, int most)
    {
        var vectors = labels.Select(matrix.Labels);
        var count = matrix.Labels.Count;
        return [.. (
            from truth in Enumerable.Range(0, count)
            let images = matrix.Images(truth)
            from answer in Enumerable.Range(0, count)
            where truth != answer && matrix.Count(truth, answer) > 1
            let pair = new ConfusedPair(matrix.Labels[truth], matrix.Labels[answer], matrix.Count(truth, answer), images, TensorPrimitives.Dot(vectors.Vector(truth), vectors.Vector(answer)), truth >= matrix.SeenCount)
            orderby pair.Share descending, pair.Count descending, truth, answer
            select pair).Take(most)];
    }
}
