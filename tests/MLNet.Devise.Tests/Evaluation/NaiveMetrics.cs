using System.Numerics.Tensors;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Evaluation;

/// <summary>The metrics again, by sorting lists of names: slow, and nothing shared with what they check.</summary>
internal sealed class NaiveMetrics(EvaluationInput input)
{
    // Selecting scales vectors to length 1 once more, which moves their last bits.
    private readonly LabelSpace _labels = input.Labels.Select(input.Seen.Concat(input.Unseen).Concat(input.Labels.Names.Except([.. input.Seen, .. input.Unseen])));

    public LabelledEmbedding[] SeenImages { get; } = [.. input.Images.Where(i => input.Seen.Contains(i.Label) && i.Split == Split.Valid).OrderBy(i => i.Path, StringComparer.Ordinal)];

    public LabelledEmbedding[] UnseenImages { get; } = [.. input.Images.Where(i => input.Unseen.Contains(i.Label)).OrderBy(i => i.Path, StringComparer.Ordinal)];

    public string[] Known { get; } = [.. input.Seen, .. input.Unseen];

    public LabelledEmbedding[] Pool => [.. SeenImages, .. UnseenImages];

    public float Cosine(LabelledEmbedding image, string label) => TensorPrimitives.Dot(image.Embedding, _labels.Vector(_labels.IndexOf(label)));

    public string[] Ranked(LabelledEmbedding image, IEnumerable<string> labels, float gamma = 0) =>
        [.. labels.OrderByDescending(label => Cosine(image, label) - (input.Seen.Contains(label) ? gamma : 0))];

    public double Top(int k, LabelledEmbedding[] images, IEnumerable<string> labels) =>
        images.Count(image => Ranked(image, labels).Take(k).Contains(image.Label)) / (double)images.Length;

    public double PerClass(int k, LabelledEmbedding[] images, IEnumerable<string> labels, float gamma = 0) =>
        images.Select(image => image.Label).Distinct().Average(label =>
            images.Where(image => image.Label == label).Average(image => Ranked(image, labels, gamma).Take(k).Contains(label) ? 1.0 : 0));

    /// <summary>Best seen − best unseen cosine.</summary>
    public double Margin(LabelledEmbedding image) => (double)input.Seen.Max(label => Cosine(image, label)) - input.Unseen.Max(label => Cosine(image, label));

    /// <summary>Per-class top-1 of unseen and of seen classes where γ is taken off seen labels.</summary>
    public (double U, double S) SeenUnseen(double gamma)
    {
        double Mean(LabelledEmbedding[] images) => images.Select(image => image.Label).Distinct().Average(label =>
            images.Where(image => image.Label == label).Average(image => Known.OrderByDescending(name => Cosine(image, name) - (input.Seen.Contains(name) ? gamma : 0)).First() == label ? 1.0 : 0));
        return (Mean(UnseenImages), Mean(SeenImages));
    }

    public (double At10, double Map, double Ceiling) TextToImage() =>
        Mean(Pool.Select(image => image.Label).Distinct().Select(label => Query(Pool, label, image => Cosine(image, label))));

    public (double At10, double Map, double Ceiling) ImageToImage() =>
        Mean(Pool.Where(asker => Pool.Count(image => image.Label == asker.Label) > 1)
            .Select(asker => Query([.. Pool.Where(image => image != asker)], asker.Label, image => TensorPrimitives.Dot<float>(image.Embedding, asker.Embedding))));

    private static (double At10, double Map, double Ceiling) Query(LabelledEmbedding[] pool, string label, Func<LabelledEmbedding, float> cosine)
    {
        var ranked = pool.OrderByDescending(cosine).Select(image => image.Label == label).ToList();
        var precisions = Enumerable.Range(1, ranked.Count).Where(rank => ranked[rank - 1]).Select(rank => ranked.Take(rank).Count(hit => hit) / (double)rank);
        return (ranked.Take(10).Count(hit => hit) / 10.0, precisions.Average(), Math.Min(10, ranked.Count(hit => hit)) / 10.0);
    }

    private static (double, double, double) Mean(IEnumerable<(double At10, double Map, double Ceiling)> queries)
    {
        var all = queries.ToArray();
        return (all.Average(q => q.At10), all.Average(q => q.Map), all.Average(q => q.Ceiling));
    }
}
