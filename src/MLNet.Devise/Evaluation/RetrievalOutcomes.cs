using System.Numerics.Tensors;
using MLNet.Devise.Search;

namespace MLNet.Devise.Evaluation;

/// <summary>Every query's result: searches among all evaluated images by class name, and by each image among the others.</summary>
/// <param name="TextToImage">One for each class name that has images, in the order of the labels.</param>
/// <param name="ImageToImage">One for each image.</param>
internal sealed record RetrievalOutcomes(IReadOnlyList<QueryOutcome> TextToImage, IReadOnlyList<QueryOutcome> ImageToImage)
{
    public static RetrievalOutcomes Of(EvaluatedImages images)
    {
        var byImage = new QueryOutcome[images.Items.Count];
        Parallel.For(0, byImage.Length, asker =>
        {
            var query = images.Items[asker].Embedding;
            byImage[asker] = Ask(images, images.Truth[asker], asker, i => TensorPrimitives.Dot<float>(query, images.Items[i].Embedding));
        });
        return new([.. images.Truth.Distinct().Order().Select(label => Ask(images, label, asker: -1, i => images.Cosines(i)[label]))], byImage);
    }

    /// <summary>Ranks all images but the asker by cosine, ties by their order.</summary>
    private static QueryOutcome Ask(EvaluatedImages images, int label, int asker, Func<int, float> cosine)
    {
        var keys = new ulong[images.Items.Count - (asker >= 0 ? 1 : 0)];
        var next = 0;
        for (var i = 0; i < images.Items.Count; i++)
            if (i != asker) keys[next++] = TopK.Key(cosine(i), i);
        Array.Sort(keys);
        var relevant = new bool[keys.Length];
        for (var i = 0; i < keys.Length; i++) relevant[i] = images.Truth[TopK.Row(keys[^(i + 1)])] == label;
        return new(
            label, relevant.Count(hit => hit), keys.Length, RankedResults.AveragePrecision(relevant), RankedResults.NdcgAt(keys.Length, relevant),
            [.. RankedResults.Depths.Select(k =>
            {
                var precision = RankedResults.PrecisionAt(k, relevant);
                return new RetrievalAt(k, precision, RankedResults.RecallAt(k, relevant), precision > 0 ? 1 : 0, RankedResults.NdcgAt(k, relevant));
            })]);
    }
}

/// <summary>One query's result.</summary>
/// <param name="Label">The label asked for.</param>
/// <param name="Relevant">Images that have it.</param>
/// <param name="Pool">Images searched.</param>
/// <param name="AveragePrecision">Over the whole ranking.</param>
/// <param name="Ndcg">Over the whole ranking.</param>
/// <param name="AtDepths">The first <see cref="RankedResults.Depths"/>.</param>
internal sealed record QueryOutcome(int Label, int Relevant, int Pool, double AveragePrecision, double Ndcg, RetrievalAt[] AtDepths)
{
    public RetrievalAt At(int k) => Array.Find(AtDepths, at => at.K == k)!;
}
