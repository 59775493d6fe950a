using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Data;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>
/// The embedder as a chain of ML.NET's own: load, resize, extract pixels, run the network. On sound files it gives the same embeddings
/// (with <see cref="ImageScaling.Stock"/> and whole decoding), but it ignores EXIF orientation, lays transparency on black and throws at a bad file.
/// </summary>
internal static class StockEmbedding
{
    public static void Save(MLContext context, ModelSaveContext destination, EmbeddingModel model, EmbedImagesOptions options, ImageKind kind)
    {
        if (kind == ImageKind.Bytes)
            throw new DeviseInputException($"column '{options.InputColumnName}': ML.NET has no transform of its own that decodes bytes, so this model cannot be saved; fit it on a column of paths or images");
        // Names of our own, so that no column of the data is hidden.
        var (photo, pixels) = ($"{options.EmbeddingColumnName}.photo", PixelsName(options));
        var transforms = context.Transforms;
        var loaded = kind == ImageKind.Path ? photo : options.InputColumnName;
        // From a file, because ML.NET keeps a copy in the temp folder of every model that it reads from a stream.
        var folder = Directory.CreateTempSubdirectory("devise-");
        try
        {
            var file = Path.Combine(folder.FullName, "network.onnx");
            WholeFile.Write(file, stream => stream.Write(Renamed(model, options, kind).ToByteArray()));
            var rest = transforms.ResizeImages(photo, model.Side, model.Side, loaded, ImageResizingEstimator.ResizingKind.IsoCrop)
                // Reads the channels of BGRA pixels as red, green, blue, plane by plane; alpha is left out.
                .Append(transforms.ExtractPixels(pixels, photo, scaleImage: 1 / 255f))
                .Append(transforms.ApplyOnnxModel([options.EmbeddingColumnName], [pixels], file))
                .Append(transforms.DropColumns(photo, pixels));
            IEstimator<ITransformer> whole = kind == ImageKind.Path ? transforms.LoadImages(photo, options.Folder, options.InputColumnName).Append(rest) : rest;
            var stock = whole.Fit(Empty(context, options.InputColumnName, kind));
            using (stock as IDisposable) ((ICanSaveModel)stock).Save(destination);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IDataView Empty(MLContext context, string column, ImageKind kind)
    {
        if (kind == ImageKind.Path) return context.Data.LoadFromEnumerable<PathRow>([], PathRow.Named(column));
        var definition = SchemaDefinition.Create(typeof(ImageRow));
        definition[0].ColumnName = column;
        return context.Data.LoadFromEnumerable<ImageRow>([], definition);
    }

    /// <summary>What the network's input is called in the saved chain.</summary>
    public static string PixelsName(EmbedImagesOptions options) => $"{options.EmbeddingColumnName}.pixels";

    /// <summary>Gives a network's input and output other names.</summary>
    public static void Rename(ModelProto model, string input, string newInput, string output, string newOutput)
    {
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output)) value.Name = New(value.Name);
        foreach (var node in model.Graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++) node.Input[i] = New(node.Input[i]);
            for (var i = 0; i < node.Output.Count; i++) node.Output[i] = New(node.Output[i]);
        }

        string New(string name) => name == input ? newInput : name == output ? newOutput : name;
    }

    /// <summary>The network with its ends called as the columns, for ML.NET matches them by name, and with what our own loader wants to know.</summary>
    private static ModelProto Renamed(EmbeddingModel model, EmbedImagesOptions options, ImageKind kind)
    {
        var proto = ModelProto.Parser.ParseFrom(model.Onnx);
        Rename(proto, Columns.Pixels, PixelsName(options), Columns.Embedding, options.EmbeddingColumnName);
        SavedOperators.Mark(proto, new SavedEmbedding(model.Side, model.Scaling, model.Dimension, kind, options));
        return proto;
    }

    private sealed class ImageRow
    {
        [ImageType(1, 1)] public MLImage? Value { get; set; }
    }
}
