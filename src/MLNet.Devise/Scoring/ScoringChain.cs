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
            .Append(transforms.ApplyOnnxModel(new OnnxOptions
            {
                ModelFile = onnxPath,
                InputColumns = [Columns.Pixels],
                OutputColumns = [Columns.Embedding],
                IntraOpNumThreads = options.IntraOpThreads,
                InterOpNumThreads = 1,
            }))
            .Append(transforms.NearestLabels(labels, new() { K = options.K, StatusColumnName = Columns.Status }));
}
