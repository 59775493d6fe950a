using Microsoft.ML;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring;

/// <summary>Saves the scoring chain so that a program with ML.NET's own packages and none of ours loads and runs it.</summary>
internal static class StockPipeline
{
    /// <summary>Labels an image in the saved chain, where there are as many.</summary>
    public const int DefaultK = 5;

    /// <summary>Writes <c>pipeline.zip</c> whole: network and labels are inside, paths start from the current folder.</summary>
    public static void Save(string onnxPath, LabelSpace labels, int imageSize, string zipPath) => Save(onnxPath, labels, imageSize, zipPath, DefaultK);

    /// <inheritdoc cref="Save(string, LabelSpace, int, string)"/>
    public static void Save(string onnxPath, LabelSpace labels, int imageSize, string zipPath, int k)
    {
        var context = new MLContext();
        var paths = context.Data.LoadFromEnumerable<PathRow>([]);
        var options = new ScoreImagesOptions { K = Math.Min(k, labels.Names.Count) };
        using var model = ScoringChain.Build(context.Transforms, onnxPath, imageSize, ImageScaling.Stock, labels, options).Fit(paths);
        WholeFile.Write(zipPath, stream => context.Model.Save(model, paths.Schema, stream));
    }
}
