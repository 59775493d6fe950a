using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring;

/// <summary>The chain from a path to labels, as scoring runs it and as a bundle keeps it.</summary>
internal static class ScoringChain
{
    public static EstimatorChain<ITransformer> Build(
        TransformsCatalog transforms, string onnxPath, int imageSize, ImageScaling scaling, LabelSpace labels, ScoreImagesOptions options) =>
        transforms.LoadPhotos(new() { PathColumnName = options.PathColumnName, Folder = options.Folder, Side = imageSize, Scaling = scaling })
            // Reads the channels of BGRA pixels as red, green, blue, plane by plane; alpha is left out.
            .Append(transforms.ExtractPixels(Columns.Pixels, Columns.Photo, scaleImage: 1 / 255f))
            .Append(Network(transforms, onnxPath, options))
            .Append(transforms.NearestLabels(labels, new() { K = options.K, StatusColumnName = Columns.Status }));

    private static OnnxScoringEstimator Network(TransformsCatalog transforms, string onnxPath, ScoreImagesOptions options)
    {
        // ML.NET's own operator knows these two.
        if (options.Provider is not (ExecutionProvider.Cpu or ExecutionProvider.Cuda)) throw new DeviseInputException($"provider: {options.Provider}, ML.NET's ApplyOnnxModel has only cpu and cuda");
        try
        {
            return transforms.ApplyOnnxModel(new OnnxOptions
            {
                ModelFile = onnxPath,
                InputColumns = [Columns.Pixels],
                OutputColumns = [Columns.Embedding],
                IntraOpNumThreads = options.IntraOpThreads,
                InterOpNumThreads = 1,
                GpuDeviceId = options.Provider == ExecutionProvider.Cuda ? 0 : null,
            });
        }
        catch (InvalidOperationException e)
        {
            throw new DeviseInputException(
                $"{onnxPath}: ONNX Runtime cannot load it, expected a network from '{Columns.Pixels}' to '{Columns.Embedding}'; export the run again", e);
        }
    }
}
