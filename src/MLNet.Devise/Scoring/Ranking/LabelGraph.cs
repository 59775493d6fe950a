using MLNet.Devise.Labels;
using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Scoring.Ranking;

/// <summary>The nearest labels as an ONNX graph: what <see cref="LabelScorer"/> computes, for ML.NET's own ONNX transformer.</summary>
internal static class LabelGraph
{
    /// <summary>Constants that our own loader reads back.</summary>
    public const string Names = "devise.names", Vectors = "devise.labels";

    private static readonly long[] LastAxis = [1];

    /// <summary>What the name of the best label is called before it becomes a key.</summary>
    public static string BestName(NearestLabelsOptions options) => $"{options.PredictedLabelColumnName}.name";

    /// <summary>The columns that the graph fills.</summary>
    public static string[] Outputs(NearestLabelsOptions options)
    {
        string[] always = [options.LabelsColumnName, options.ScoresColumnName, options.SimilarityColumnName, options.ScoreColumnName, BestName(options)];
        return options.Ranking.Temperature is null ? always : [.. always, options.ProbabilitiesColumnName];
    }

    /// <summary>A model whose values bear the columns' names, as ML.NET matches them by name.</summary>
    public static ModelProto Build(LabelSpace labels, NearestLabelsOptions options)
    {
        var (count, dimension) = (labels.Names.Count, labels.Dimension);
        var graph = new GraphBuilder("nearest_labels");
        var input = graph.Input(options.EmbeddingColumnName, "N", dimension);
        var unit = graph.Node("LpNormalization", [input], "devise.unit", ("axis", -1L), ("p", 2L));
        var matrix = graph.Constant(Vectors, Transposed(labels), dimension, count);
        var similarity = graph.Node("MatMul", [unit, matrix], options.SimilarityColumnName);
        var score = Score(graph, similarity, labels, options.Ranking);
        var top = TopK(graph, score, options.K, options.ScoresColumnName, "devise.best");
        var best = Known(graph, top, count, options.Ranking.UnknownBelow);
        string[] texts = [.. labels.Names, options.Ranking.UnknownLabel];
        var names = graph.Constant(Names, texts);
        graph.Node("Gather", [names, best], options.LabelsColumnName, ("axis", 0L));
        graph.Node("Gather", [names, graph.Node("Gather", [best, graph.Constant("devise.first", [0L])], "devise.firstBest", ("axis", 1L))], BestName(options), ("axis", 0L));
        Probabilities(graph, score, top[1], options);
        NameSlots(graph, options.SimilarityColumnName, labels.Names);
        NameSlots(graph, options.ScoreColumnName, labels.Names);

        graph.Output(options.LabelsColumnName, DataType.String, "N", options.K);
        graph.Output(options.ScoresColumnName, DataType.Float, "N", options.K);
        graph.Output(options.SimilarityColumnName, DataType.Float, "N", count);
        graph.Output(options.ScoreColumnName, DataType.Float, "N", count);
        graph.Output(BestName(options), DataType.String, "N");
        if (options.Ranking.Temperature is not null) graph.Output(options.ProbabilitiesColumnName, DataType.Float, "N", options.K);
        return graph.Build();
    }

    private static string Score(GraphBuilder graph, string similarity, LabelSpace labels, LabelRanking ranking)
    {
        var offsets = LabelScorer.Offsets(labels, ranking);
        if (offsets.Length == 0) return similarity;
        var score = similarity;
        if (ranking.Hubness is { } hubness)
        {
            var nearest = TopK(graph, similarity, Math.Min(hubness.Neighbours, labels.Names.Count), "devise.nearest", "devise.nearestLabels")[0];
            var mean = graph.Node("ReduceMean", [nearest], "devise.mean", ("axes", LastAxis), ("keepdims", 1L));
            score = graph.Node("Sub", [graph.Node("Add", [similarity, similarity], "devise.twice"), mean], "devise.lessMean");
        }
        return graph.Node("Sub", [score, graph.Constant("devise.offsets", offsets, labels.Names.Count)], "devise.score");
    }

    private static string[] TopK(GraphBuilder graph, string values, int k, string best, string indices) =>
        graph.Node("TopK", [values, graph.Constant($"{indices}.k", [(long)k], 1)], [best, indices], [("axis", -1L), ("largest", 1L), ("sorted", 1L)]);

    /// <summary>Indices of labels, with the one behind the last for those below the threshold.</summary>
    private static string Known(GraphBuilder graph, string[] top, int count, float? threshold)
    {
        if (threshold is not { } lowest) return top[1];
        var low = graph.Node("Less", [top[0], graph.Constant("devise.threshold", [lowest], 1)], "devise.low");
        return graph.Node("Where", [low, graph.Constant("devise.unknown", [(long)count], 1), top[1]], "devise.known");
    }

    private static void Probabilities(GraphBuilder graph, string score, string best, NearestLabelsOptions options)
    {
        if (options.Ranking.Temperature is not { } temperature) graph.Node("Identity", [score], options.ScoreColumnName);
        else
        {
            var scaled = graph.Node("Div", [score, graph.Constant("devise.temperature", [(float)temperature], 1)], "devise.scaled");
            var all = graph.Node("Softmax", [scaled], options.ScoreColumnName, ("axis", -1L));
            graph.Node("GatherElements", [all, best], options.ProbabilitiesColumnName, ("axis", 1L));
        }
    }

    /// <summary>ML.NET takes a column's slot names from the keys of a label encoder of this name, which feeds nothing.</summary>
    private static void NameSlots(GraphBuilder graph, string column, IReadOnlyList<string> names)
    {
        var node = $"mlnet.{column}.SlotNames";
        var unused = graph.Constant($"{node}.unused", [""]);
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
