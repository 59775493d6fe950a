using Microsoft.ML;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring.Embedding;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Scoring;

/// <summary>Saves the scoring chain so that a program with ML.NET's own packages and none of ours loads and runs it.</summary>
internal static class StockPipeline
{
    /// <summary>Labels an image in the saved chain, where there are as many.</summary>
    public const int DefaultK = 5;

    /// <summary>Writes <c>pipeline.zip</c> whole: network and labels are inside, paths start from the current folder.</summary>
    public static void Save(string onnxPath, LabelSpace labels, int imageSize, string zipPath, ImageScaling scaling = ImageScaling.Stock)
    {
        var context = new MLContext();
        var paths = context.Data.LoadFromEnumerable<PathRow>([]);
        var options = new ScoreImagesOptions { K = Math.Min(DefaultK, labels.Names.Count), Workers = 1 };
        var network = new EmbeddingModel(NetworkFile.Read(onnxPath), onnxPath, imageSize, scaling, labels.Dimension);
        using var model = ScoringChain.Build(network, labels, options).Fit(paths);
        WholeFile.Write(zipPath, stream => context.Model.Save(model, paths.Schema, stream));
    }
}
