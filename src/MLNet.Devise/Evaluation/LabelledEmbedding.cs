using MLNet.Devise.Data;

namespace MLNet.Devise.Evaluation;

/// <summary>An image as the model sees it, with what it really shows.</summary>
/// <param name="Path">Relative to the data folder, with forward slashes.</param>
/// <param name="Label">The true class name.</param>
/// <param name="Split">What the image was for.</param>
/// <param name="Embedding">The model's output, of length 1.</param>
public sealed record LabelledEmbedding(string Path, string Label, Split Split, float[] Embedding);
