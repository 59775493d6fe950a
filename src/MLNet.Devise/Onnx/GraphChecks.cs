namespace MLNet.Devise.Onnx;

/// <summary>What must hold before parts of a graph may be computed in another way.</summary>
internal static class GraphChecks
{
    /// <summary>Whether nodes are all there is: what a function or a graph within a node reads is not seen from outside.</summary>
    public static bool IsFlat(this ModelProto model) =>
        model.Functions.Count == 0 && !model.Graph.Node.Any(node => node.Attribute.Any(attribute => attribute.G is not null || attribute.Graphs.Count > 0));

    /// <summary>Whether two values have one name; which of them counts is ONNX Runtime's to say.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">Its input.</param>
    public static bool HasNamesakes(this GraphProto graph, string input)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { input };
        return graph.Initializer.Select(tensor => tensor.Name)
            .Concat(graph.SparseInitializer.Select(tensor => tensor.Values?.Name ?? ""))
            .Concat(graph.Node.SelectMany(node => node.Output).Where(output => output.Length > 0))
            .Any(name => !names.Add(name));
    }
}
