using System.Numerics.Tensors;

namespace MLNet.Devise.Scoring.Ranking;

/// <summary>Room for one embedding's labels; used again for the next.</summary>
internal sealed class RankedLabels
{
    public RankedLabels(LabelScorer scorer)
    {
        var count = scorer.Labels.Names.Count;
        (Unit, Similarity) = (new float[scorer.Labels.Dimension], new float[count]);
        Score = scorer.Ranking.Hubness is null && scorer.Ranking.SeenPenalty == 0 ? Similarity : new float[count];
        (Best, BestScores, Keys) = (new int[scorer.K], new float[scorer.K], new ulong[scorer.K]);
    }

    /// <summary>The embedding at length 1.</summary>
    public float[] Unit { get; }

    /// <summary>Whether it had a finite length.</summary>
    public bool IsFinite { get; private set; }

    /// <summary>Its cosine with every label.</summary>
    public float[] Similarity { get; }

    /// <summary>The score of every label: the same array where the ranking changes nothing.</summary>
    public float[] Score { get; }

    /// <summary>The best labels' indices, best first; the number of labels for unknown, −1 for none.</summary>
    public int[] Best { get; }

    /// <summary>Their scores.</summary>
    public float[] BestScores { get; }

    /// <summary>Room for sorting.</summary>
    public ulong[] Keys { get; }

    /// <summary>The embedding to rank, at length 1; a vector of zeros stays one.</summary>
    public void Take(ReadOnlySpan<float> embedding)
    {
        var length = TensorPrimitives.Norm(embedding);
        IsFinite = float.IsFinite(length);
        if (length > 0 && IsFinite) TensorPrimitives.Divide(embedding, length, Unit);
        else Unit.AsSpan().Clear();
    }

    /// <summary>No label, no score.</summary>
    public void Clear()
    {
        Array.Fill(Best, -1);
        Array.Fill(BestScores, float.NaN);
        Array.Fill(Similarity, float.NaN);
        Array.Fill(Score, float.NaN);
    }
}
