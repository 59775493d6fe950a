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
        var members = Enumerable.Range(0, byImage.Length).GroupBy(i => images.Truth[i]).ToDictionary(group => group.Key, group => group.ToArray());
        Parallel.For(0, byImage.Length, asker =>
        {
            var query = images.Items[asker].Embedding;
            byImage[asker] = Ask(images, images.Truth[asker], members[images.Truth[asker]], asker, i => TensorPrimitives.Dot<float>(query, images.Items[i].Embedding));
        });
        return new([.. members.Keys.Order().Select(label => Ask(images, label, members[label], asker: -1, i => images.Cosines(i)[label]))], byImage);
    }

    /// <summary>Ranks all images but the asker by cosine, ties by their order.</summary>
    private static QueryOutcome Ask(EvaluatedImages images, int label, int[] members, int asker, Func<int, float> cosine)
    {
        var ranks = Ranks([.. members.Where(i => i != asker).Select(i => TopK.Key(cosine(i), i)).Order()], Others());
        return new(
            label, ranks.Length, images.Items.Count - (asker >= 0 ? 1 : 0), RankedResults.AveragePrecision(ranks), RankedResults.NdcgAt(int.MaxValue, ranks),
            [.. RankedResults.Depths.Select(k =>
            {
                var precision = RankedResults.PrecisionAt(k, ranks);
                return new RetrievalAt(k, precision, RankedResults.RecallAt(k, ranks), precision > 0 ? 1 : 0, RankedResults.NdcgAt(k, ranks));
            })]);

        IEnumerable<ulong> Others()
        {
            for (var i = 0; i < images.Items.Count; i++)
                if (images.Truth[i] != label) yield return TopK.Key(cosine(i), i);
        }
    }

    /// <summary>Ranks of the relevant, from 1 and rising. Only these are sorted: of the others it is enough to count how many come before each.</summary>
    private static int[] Ranks(ulong[] relevant, IEnumerable<ulong> others)
    {
        // Others that are ahead of just so many of the relevant.
        var ahead = new int[relevant.Length + 1];
        foreach (var key in others) ahead[~Array.BinarySearch(relevant, key)]++;
        var (ranks, passed) = (new int[relevant.Length], 0);
        for (var best = 0; best < ranks.Length; best++)
        {
            passed += ahead[relevant.Length - best];
            ranks[best] = passed + best + 1;
        }
        return ranks;
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
