using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring.Embedding;
using MLNet.Devise.Scoring.Ranking;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring;

/// <summary>The chain from an image to labels, as scoring runs it and as a bundle keeps it.</summary>
internal static class ScoringChain
{
    public static EstimatorChain<ITransformer> Build(EmbeddingModel model, LabelSpace labels, ScoreImagesOptions options) =>
        new EstimatorChain<ITransformer>()
            .Append<ITransformer>(new ImageEmbedderEstimator(model, options.Embedding))
            .Append<ITransformer>(new RowEstimator(new LabelRanker(labels, new() { K = options.K, Ranking = options.Ranking, StatusColumnName = Columns.Status })));
}
