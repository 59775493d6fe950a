using Google.Protobuf;
using MLNet.Devise.Labels;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Scoring;

/// <summary>The nearest labels as an ONNX graph: what <see cref="LabelRanker"/> computes, for ML.NET's own ONNX transformer.</summary>
internal static class LabelGraph
{
    /// <summary>A model whose values bear the columns' names, as ML.NET matches them by name.</summary>
    public static byte[] Build(LabelSpace labels, NearestLabelsOptions options)
    {
        var (count, dimension) = (labels.Names.Count, labels.Dimension);
        var graph = new GraphBuilder("nearest_labels");
        var input = graph.Input(options.EmbeddingColumnName, "N", dimension);
        var unit = graph.Node("LpNormalization", [input], "devise.unit", ("axis", -1L), ("p", 2L));
        var matrix = graph.Constant("devise.labels", Transposed(labels), dimension, count);
        var similarity = graph.Node("MatMul", [unit, matrix], options.SimilarityColumnName);
        var k = graph.Constant("devise.k", [options.K], 1);
        var top = graph.Node("TopK", [similarity, k], [options.ScoresColumnName, "devise.indices"], [("axis", -1L), ("largest", 1L), ("sorted", 1L)]);
        graph.Node("Gather", [graph.Constant("devise.names", labels.Names), top[1]], options.LabelsColumnName, ("axis", 0L));
        NameSlots(graph, options.SimilarityColumnName, labels.Names);

        graph.Output(options.LabelsColumnName, DataType.String, "N", options.K);
        graph.Output(options.ScoresColumnName, DataType.Float, "N", options.K);
        graph.Output(options.SimilarityColumnName, DataType.Float, "N", count);
        return graph.Build().ToByteArray();
    }

    /// <summary>ML.NET takes a column's slot names from the keys of a label encoder of this name, which feeds nothing.</summary>
    private static void NameSlots(GraphBuilder graph, string column, IReadOnlyList<string> names)
    {
        var node = $"mlnet.{column}.SlotNames";
        var unused = graph.Constant("devise.unused", [""]);
        graph.Node("LabelEncoder", [unused], [$"{node}.out"],
            [("keys_strings", names.ToArray()), ("values_int64s", Enumerable.Range(0, names.Count).Select(i => (long)i).ToArray())], "ai.onnx.ml", node);
    }

    private static float[] Transposed(LabelSpace labels)
    {
        var (count, dimension) = (labels.Names.Count, labels.Dimension);
        var transposed = new float[count * dimension];
        for (var i = 0; i < count; i++)
            for (var j = 0; j < dimension; j++) transposed[j * count + i] = labels.Vectors[i * dimension + j];
        return transposed;
    }
}
