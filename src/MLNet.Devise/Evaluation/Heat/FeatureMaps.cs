using MLNet.Devise.Onnx;

namespace MLNet.Devise.Evaluation.Heat;

/// <summary>A value of a network that all it knows of an image passes through, and where its cells lie.</summary>
/// <param name="Value">N×maps×h×w.</param>
/// <param name="Grid">Null where the network has operators whose places are not known.</param>
internal sealed record FeatureMaps(string Value, CellGrid? Grid)
{
    /// <summary>The deepest of the values through which everything goes from the image to <paramref name="last"/>, itself included, that has at least so many cells a side; <paramref name="last"/> where none has.</summary>
    /// <param name="graph">Its first input is the image, its nodes are in order.</param>
    /// <param name="last">The network's last feature maps.</param>
    /// <param name="fewest">Cells a side.</param>
    public static (FeatureMaps Last, FeatureMaps Drawn) Of(GraphProto graph, string last, int fewest)
    {
        var image = graph.Input[0];
        var onTheWay = Ancestors(graph, last);
        var grids = new Dictionary<string, CellGrid?>(StringComparer.Ordinal) { [image.Name] = Pixels(image) };
        // How often each value is still read: while it is the only one, all goes through it.
        var reads = new Dictionary<string, int>(StringComparer.Ordinal) { [image.Name] = onTheWay.Count(node => node.Input.Contains(image.Name)) };
        var waiting = new HashSet<string>(StringComparer.Ordinal) { image.Name };
        var drawn = last;
        foreach (var node in onTheWay)
        {
            string[] inputs = [.. node.Input.Where(grids.ContainsKey).Distinct(StringComparer.Ordinal)];
            if (inputs.Length == 0) continue; // made of constants
            foreach (var input in inputs)
                if (--reads[input] == 0) waiting.Remove(input);
            var output = node.Output[0];
            var before = inputs.Select(input => grids[input]).Distinct().ToArray();
            grids[output] = before is [{ } same] ? same.After(node, graph.Initializer) : null;
            reads[output] = onTheWay.Count(reader => reader.Input.Contains(output));
            waiting.Add(output);
            if (waiting.Count == 1 && grids[output] is { } grid && grid.Cells >= fewest) drawn = output;
        }
        var end = new FeatureMaps(last, grids[last]);
        return (end, end.Grid is null || drawn == last ? end : new(drawn, grids[drawn]));
    }

    /// <summary>The nodes that a value is made by, in the graph's order.</summary>
    private static List<NodeProto> Ancestors(GraphProto graph, string value)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal) { value };
        var found = new List<NodeProto>();
        foreach (var node in graph.Node.Reverse())
        {
            if (!node.Output.Any(wanted.Contains)) continue;
            wanted.UnionWith(node.Input);
            found.Add(node);
        }
        found.Reverse();
        return found;
    }

    private static CellGrid? Pixels(ValueInfoProto image) =>
        image.Type.TensorType.Shape.Dim is [_, _, { DimValue: > 0 and var height }, { DimValue: var width }] && height == width ? CellGrid.OfImage((int)height) : null;
}
