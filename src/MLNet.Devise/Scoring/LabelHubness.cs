using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using MLNet.Devise.Labels;
using MLNet.Devise.Search;

namespace MLNet.Devise.Scoring;

/// <summary>How near each label lies to images in general: the r(label) of CSLS (Conneau et al., <i>Word translation without parallel data</i>, 2018).</summary>
public sealed record LabelHubness
{
    /// <param name="means">One value a label, in their order: the mean cosine with its nearest images, −1..1.</param>
    /// <param name="neighbours">How many nearest were averaged, and are for an image; at least 1.</param>
    /// <exception cref="DeviseInputException">A value is not finite, or no neighbour.</exception>
    [JsonConstructor]
    public LabelHubness(IReadOnlyList<float> means, int neighbours)
    {
        if (neighbours < 1) throw new DeviseInputException($"neighbours: {neighbours}, expected at least 1");
        if (means.Any(value => !float.IsFinite(value))) throw new DeviseInputException("hubness: a mean is not finite, expected cosines");
        (Means, Neighbours) = ([.. means], neighbours);
    }

    /// <summary>The mean cosine of each label with its nearest images.</summary>
    public IReadOnlyList<float> Means { get; }

    /// <summary>How many nearest were averaged.</summary>
    public int Neighbours { get; }

    /// <summary>Measures it on images, which need no labels: some hundred of the kind that will be scored.</summary>
    /// <param name="labels">The labels that will compete.</param>
    /// <param name="embeddings">Unit vectors of the labels' dimension, at least one.</param>
    /// <param name="neighbours">Nearest images a label to average, at least 1.</param>
    /// <exception cref="DeviseInputException">No embedding, one of another dimension or not of length 1, or no neighbour.</exception>
    public static LabelHubness Measure(LabelSpace labels, IReadOnlyList<ReadOnlyMemory<float>> embeddings, int neighbours = 10)
    {
        if (neighbours < 1) throw new DeviseInputException($"neighbours: {neighbours}, expected at least 1");
        if (embeddings.Count == 0) throw new DeviseInputException("hubness: no embedding, expected some hundred images of the kind that will be scored");
        for (var i = 0; i < embeddings.Count; i++) UnitVectors.Check(embeddings[i].Span, labels.Dimension, "image", $"{i}");
        var (means, cosines, best) = (new float[labels.Names.Count], new float[embeddings.Count], new ulong[Math.Min(neighbours, embeddings.Count)]);
        for (var label = 0; label < means.Length; label++)
        {
            for (var i = 0; i < cosines.Length; i++) cosines[i] = TensorPrimitives.Dot(embeddings[i].Span, labels.Vector(label));
            TopK.Pick(cosines, best);
            means[label] = best.Average(TopK.Cosine);
        }
        return new(means, neighbours);
    }
}
