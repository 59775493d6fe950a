using MLNet.Devise.Jobs.Inputs;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>A row of scores with what goes through beside it.</summary>
/// <param name="Image">The scores.</param>
/// <param name="Kept">One value a kept column.</param>
internal readonly record struct ScoreRow(ScoredImage Image, object?[] Kept);

/// <summary>What the rows of a score file have beside path, status, error, labels and scores.</summary>
/// <param name="Embeddings">Whether embeddings are kept.</param>
/// <param name="Kept">Columns that go through, after all others.</param>
internal sealed record ScoreSchema(bool Embeddings, IReadOnlyList<KeptColumn> Kept);
