using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring;

/// <summary>The chain from a path to labels, as scoring runs it and as a bundle keeps it.</summary>
internal static class ScoringChain
{
    public static EstimatorChain<ITransformer> Build(TransformsCatalog transforms, string onnxPath, int imageSize, ImageScaling scaling, LabelSpace labels, ScoreImagesOptions options) =>
        transforms.LoadPhotos(new() { PathColumnName = options.PathColumnName, Folder = options.Folder, Side = imageSize, Scaling = scaling })
            .Append(transforms.ExtractPixels(Columns.Pixels, Columns.Photo, orderOfExtraction: ImagePixelExtractingEstimator.ColorsOrder.ARGB, scaleImage: 1 / 255f))
            .Append(Network(transforms, onnxPath, options.IntraOpThreads))
            .Append(transforms.NearestLabels(labels, new() { K = options.K, StatusColumnName = Columns.Status }));

    private static OnnxScoringEstimator Network(TransformsCatalog transforms, string onnxPath, int threads)
    {
        try
        {
            return transforms.ApplyOnnxModel(new OnnxOptions
            {
                ModelFile = onnxPath,
                InputColumns = [Columns.Pixels],
                OutputColumns = [Columns.Embedding],
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
            });
        }
        catch (InvalidOperationException e)
        {
            throw new DeviseInputException($"{onnxPath}: ONNX Runtime cannot load it, expected a network from '{Columns.Pixels}' to '{Columns.Embedding}'; export the run again", e);
        }
    }
}
