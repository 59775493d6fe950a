using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring.Ranking;

/// <summary>The nearest labels as a chain of ML.NET's own: the graph, then the best label's name as a key.</summary>
internal static class StockLabels
{
    public static void Save(MLContext context, ModelSaveContext destination, LabelSpace labels, NearestLabelsOptions options)
    {
        // From a file, because ML.NET keeps a copy in the temp folder of every model that it reads from a stream.
        var folder = Directory.CreateTempSubdirectory("devise-");
        try
        {
            var graph = LabelGraph.Build(labels, options);
            SavedOperators.Mark(graph, new SavedLabels(options));
            var file = Path.Combine(folder.FullName, "labels.onnx");
            WholeFile.Write(file, stream => stream.Write(graph.ToByteArray()));
            var (best, predicted) = (LabelGraph.BestName(options), options.PredictedLabelColumnName);
            var keys = context.Data.LoadFromEnumerable(labels.Names.Select(name => new NameRow { Name = name }));
            using var stock = context.Transforms.ApplyOnnxModel(LabelGraph.Outputs(options), [options.EmbeddingColumnName], file)
                .Append(context.Transforms.Conversion.MapValueToKey(predicted, best, keyData: keys))
                .Append(context.Transforms.DropColumns(best))
                .Fit(Empty(context, options.EmbeddingColumnName, labels.Dimension));
            ((ICanSaveModel)stock).Save(destination);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IDataView Empty(MLContext context, string column, int dimension)
    {
        var definition = SchemaDefinition.Create(typeof(Embedded));
        definition[0].ColumnName = column;
        definition[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dimension);
        return context.Data.LoadFromEnumerable<Embedded>([], definition);
    }

    private sealed class Embedded
    {
        public VBuffer<float> Value { get; set; }
    }

    private sealed class NameRow
    {
        public string Name { get; set; } = "";
    }
}
