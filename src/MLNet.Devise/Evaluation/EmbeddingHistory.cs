namespace MLNet.Devise.Evaluation;

/// <summary>Where validation images lay after each epoch of stage 2.</summary>
/// <param name="Paths">The images, relative to the data folder.</param>
/// <param name="Labels">The class of each.</param>
/// <param name="Epochs">At least one, in order.</param>
public sealed record EmbeddingHistory(IReadOnlyList<string> Paths, IReadOnlyList<string> Labels, IReadOnlyList<EpochEmbeddings> Epochs);

/// <summary>Embeddings after one epoch.</summary>
/// <param name="Epoch">From 1, counted within stage 2.</param>
/// <param name="Vectors">One an image, of length 1, in the history's order.</param>
public sealed record EpochEmbeddings(int Epoch, IReadOnlyList<float[]> Vectors);
