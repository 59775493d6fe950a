using MLNet.Devise.Search;

namespace MLNet.Devise.Evaluation;

/// <summary>Turns cosines into one record an image.</summary>
internal static class Predictions
{
    private const int Most = 10;

    /// <summary>One prediction an image, in their order.</summary>
    /// <param name="images">Images and cosines.</param>
    /// <param name="confidences">Of each image's best label of its own kind.</param>
    /// <param name="vocabularyRanks">Of each image's true label, from 1; null without a vocabulary.</param>
    public static ImagePrediction[] Of(EvaluatedImages images, IReadOnlyList<double> confidences, IReadOnlyList<int>? vocabularyRanks)
    {
        var all = new ImagePrediction[images.Items.Count];
        Parallel.For(0, all.Length, i => all[i] = One(images, i, confidences[i], vocabularyRanks?[i]));
        return all;
    }

    private static ImagePrediction One(EvaluatedImages images, int i, double confidence, int? vocabularyRank)
    {
        var (item, truth, isSeen) = (images.Items[i], images.Truth[i], i < images.SeenItems);
        var cosines = images.Cosines(i);
        var known = cosines[..images.Known];
        var own = isSeen ? HitRates.Rank(cosines[..images.Seen], truth) : HitRates.Rank(cosines[images.Seen..images.Known], truth - images.Seen);
        var keys = new ulong[Math.Min(Most, images.Known)];
        TopK.Pick(known, keys);
        var top = new ScoredLabel[keys.Length];
        for (var k = 0; k < top.Length; k++) top[k] = Scored(images, TopK.Row(keys[k]), cosines);
        return new(
            // Rounding may lift the cosine of two like vectors above 1.
            item.Path, item.Label, isSeen, item.Split, Math.Max(0, 1 - (double)cosines[truth]), own + 1, HitRates.Rank(known, truth) + 1,
            images.Labels.Names.Count > images.Known ? HitRates.Rank(cosines, truth) + 1 : null, vocabularyRank, confidence,
            Scored(images, Best(cosines[..images.Seen]), cosines),
            images.Known > images.Seen ? Scored(images, images.Seen + Best(cosines[images.Seen..images.Known]), cosines) : null, top);
    }

    /// <summary>Position of the highest; the first of equals.</summary>
    public static int Best(ReadOnlySpan<float> cosines)
    {
        var best = 0;
        for (var i = 1; i < cosines.Length; i++)
            if (cosines[i] > cosines[best]) best = i;
        return best;
    }

    private static ScoredLabel Scored(EvaluatedImages images, int label, ReadOnlySpan<float> cosines) => new(images.Labels.Names[label], cosines[label]);
}
