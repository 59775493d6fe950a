using MLNet.Devise.Data;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// What the model says of one image: enough to compute every rate of naming again. Ranks count from 1, so a rank of at most k is a hit@k;
/// labels with the same cosine rank in their order, seen before unseen before further ones.
/// </summary>
/// <param name="Path">Relative to the data folder, with forward slashes.</param>
/// <param name="Label">The true class.</param>
/// <param name="IsSeen">Whether that was trained on.</param>
/// <param name="Split">What the image was for.</param>
/// <param name="Loss">1 − cosine with the true label's vector, 0..2: the loss of stage 2 (the paper's).</param>
/// <param name="RankOwn">Rank of the true label among its own kind: seen among seen, unseen among unseen.</param>
/// <param name="RankAll">… among seen and unseen labels.</param>
/// <param name="RankFurther">… among every label of the label space; null where it has no others.</param>
/// <param name="RankVocabulary">… among seen and unseen labels and a whole vocabulary; null where none was given.</param>
/// <param name="Confidence">Calibrated probability of the best label of its own kind, 0..1 (<see cref="CalibrationReport"/>).</param>
/// <param name="BestSeen">The best seen label.</param>
/// <param name="BestUnseen">The best unseen label; null where there is none.</param>
/// <param name="Top">The best of seen and unseen labels, best first: ten, or all where there are fewer.</param>
public sealed record ImagePrediction(
    string Path, string Label, bool IsSeen, Split Split, double Loss, int RankOwn, int RankAll, int? RankFurther, int? RankVocabulary,
    double Confidence, ScoredLabel BestSeen, ScoredLabel? BestUnseen, IReadOnlyList<ScoredLabel> Top)
{
    /// <summary>The best label of its own kind: the answer to the image when seen and unseen labels do not compete.</summary>
    public ScoredLabel BestOwn => IsSeen ? BestSeen : BestUnseen!.Value;

    /// <summary>The best of seen and unseen labels.</summary>
    public ScoredLabel Best => Top[0];
}

/// <summary>A label with its cosine.</summary>
/// <param name="Label">The class.</param>
/// <param name="Cosine">−1..1.</param>
public readonly record struct ScoredLabel(string Label, float Cosine);
