using System.Numerics.Tensors;
using MLNet.Devise.Labels;
using MLNet.Devise.Search;

namespace MLNet.Devise.Scoring.Ranking;

/// <summary>
/// Embedding → cosines → scores → the k best labels. The mathematics of <c>NearestLabels</c>, apart from columns and rows; <see cref="LabelGraph"/>
/// is the same for ONNX. Safe for many threads, each with a <see cref="RankedLabels"/> of its own.
/// </summary>
internal sealed class LabelScorer
{
    // 64 k labels of 300 values take about 5 ms on one thread; below that, sharing the work out costs more than it saves. A block's vectors
    // stay in the second-level cache while all embeddings at hand are compared with them.
    private const int Many = 1 << 16, Block = 1 << 13, Cached = 128;

    private readonly LabelSpace _labels;
    private readonly LabelRanking _ranking;
    private readonly float[] _offsets;
    private readonly string[] _names;

    /// <param name="labels">Names and unit vectors.</param>
    /// <param name="ranking">How they compete; validated here.</param>
    /// <param name="k">Labels an image, 1 to the number of labels.</param>
    public LabelScorer(LabelSpace labels, LabelRanking ranking, int k)
    {
        Check(labels, ranking, k);
        (_labels, _ranking, K) = (labels, ranking, k);
        _offsets = Offsets(labels, ranking);
        _names = [.. labels.Names, ranking.UnknownLabel];
    }

    /// <summary>Throws where there are fewer labels than <paramref name="k"/>, or they cannot compete so.</summary>
    public static void Check(LabelSpace labels, LabelRanking ranking, int k)
    {
        if (k < 1 || k > labels.Names.Count) throw new DeviseInputException($"k: {k}, expected 1 to {labels.Names.Count}, the number of labels");
        ranking.Validated(labels);
    }

    public int K { get; }

    /// <summary>
    /// How many embeddings are best ranked together: a long list of labels does not fit into any cache, and is read from memory once for all
    /// of them.
    /// </summary>
    public int Together => _labels.Names.Count < Many ? 1 : 16;

    public LabelSpace Labels => _labels;

    public LabelRanking Ranking => _ranking;

    /// <summary>The text of a label's index; the number of labels stands for unknown.</summary>
    public string Name(int label) => label < 0 ? "" : _names[label];

    /// <summary>What is taken from each label's score; empty where nothing is.</summary>
    public static float[] Offsets(LabelSpace labels, LabelRanking ranking)
    {
        if (ranking.Hubness is null && ranking.SeenPenalty == 0) return [];
        float[] offsets = ranking.Hubness is { } hubness ? [.. hubness.Means] : new float[labels.Names.Count];
        foreach (var seen in ranking.SeenLabels.Distinct(StringComparer.Ordinal).Select(labels.IndexOf).Where(label => label >= 0)) offsets[seen] += ranking.SeenPenalty;
        return offsets;
    }

    /// <summary>Fills in what is known of one embedding; one that is not finite, or none at all, has no label and NaN everywhere.</summary>
    public void Rank(ReadOnlySpan<float> embedding, RankedLabels ranked)
    {
        ranked.Take(embedding);
        RankAll([ranked]);
    }

    /// <summary>The same for several that took their embeddings.</summary>
    public void RankAll(ReadOnlySpan<RankedLabels> ranked)
    {
        var count = _labels.Names.Count;
        if (count < Many) Cosines(ranked, 0, count);
        else
        {
            var all = ranked.ToArray();
            Parallel.For(0, (count + Block - 1) / Block, block => Cosines(all, block * Block, Math.Min(count, (block + 1) * Block)));
        }
        foreach (var one in ranked)
            if (one.IsFinite) Sort(one);
            else one.Clear();
    }

    private void Sort(RankedLabels ranked)
    {
        var scores = Scores(ranked);
        TopK.Pick(scores, ranked.Keys);
        for (var i = 0; i < ranked.Keys.Length; i++)
        {
            var label = TopK.Row(ranked.Keys[i]);
            ranked.BestScores[i] = scores[label];
            ranked.Best[i] = scores[label] < _ranking.UnknownBelow ? _labels.Names.Count : label;
        }
    }

    /// <summary>Softmax over the scores, where there is a temperature; the scores themselves where there is none.</summary>
    public void Probabilities(ReadOnlySpan<float> scores, Span<float> probabilities)
    {
        scores.CopyTo(probabilities);
        if (_ranking.Temperature is not { } temperature || float.IsNaN(scores[0])) return;
        // Of the highest none overflows, however low the temperature.
        TensorPrimitives.Subtract(probabilities, TensorPrimitives.Max<float>(probabilities), probabilities);
        TensorPrimitives.Divide(probabilities, (float)temperature, probabilities);
        TensorPrimitives.SoftMax(probabilities, probabilities);
    }

    private Span<float> Scores(RankedLabels ranked)
    {
        if (_offsets.Length == 0) return ranked.Similarity;
        if (_ranking.Hubness is not { } hubness) TensorPrimitives.Subtract<float>(ranked.Similarity, _offsets, ranked.Score);
        else
        {
            Span<ulong> nearest = new ulong[Math.Min(hubness.Neighbours, _labels.Names.Count)];
            TopK.Pick(ranked.Similarity, nearest);
            var mean = 0f;
            foreach (var key in nearest) mean += ranked.Similarity[TopK.Row(key)] / nearest.Length;
            for (var label = 0; label < _offsets.Length; label++) ranked.Score[label] = 2 * ranked.Similarity[label] - mean - _offsets[label];
        }
        return ranked.Score;
    }

    private void Cosines(ReadOnlySpan<RankedLabels> ranked, int first, int end)
    {
        for (; first < end; first += Cached)
            foreach (var one in ranked)
                for (var label = first; label < Math.Min(end, first + Cached); label++) one.Similarity[label] = TensorPrimitives.Dot<float>(one.Unit, _labels.Vector(label));
    }
}
