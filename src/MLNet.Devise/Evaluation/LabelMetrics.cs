namespace MLNet.Devise.Evaluation;

/// <summary>How well labels are named, from scores of all of them.</summary>
/// <param name="Rates">Over images and over classes; <see cref="HitRates.Top1"/> is ML.NET's <c>MicroAccuracy</c>, <see cref="HitRates.PerClassTop1"/> its <c>MacroAccuracy</c>.</param>
/// <param name="Reliability">Whether probabilities mean what they say; null where the scores are not probabilities (0 or more, sum 1).</param>
/// <param name="Classes">Each class that occurs, in the order of the scores.</param>
/// <param name="Skipped">Rows without a label or without finite scores.</param>
public sealed record LabelMetrics(HitRates Rates, ReliabilityCurve? Reliability, IReadOnlyList<LabelAccuracy> Classes, int Skipped);

/// <summary>One class.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Images">Its images.</param>
/// <param name="Top1">Share of them with the right best label.</param>
/// <param name="Top5">Share of them with the right label among the best 5.</param>
public sealed record LabelAccuracy(string Label, int Images, double Top1, double Top5);
