using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>One image's row of scores.</summary>
/// <param name="Path">The file, as it was asked for.</param>
/// <param name="Status">What became of the file.</param>
/// <param name="Error">Why there are no labels; empty where there are.</param>
/// <param name="Labels">The nearest labels, best first; none where the file could not be read.</param>
/// <param name="Scores">Their cosines, −1..1.</param>
/// <param name="Embedding">D values of length 1; <see langword="null"/> where the file could not be read or embeddings were not kept.</param>
public sealed record ScoredImage(
    string Path, ImageStatus Status, string Error, IReadOnlyList<string> Labels, IReadOnlyList<float> Scores, ReadOnlyMemory<float>? Embedding);
