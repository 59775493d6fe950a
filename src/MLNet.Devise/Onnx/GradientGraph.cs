namespace MLNet.Devise.Onnx;

/// <summary>
/// Adds to a graph the nodes that compute a gradient of it, backwards from an output by the chain rule: one rule an operator, those that
/// heads and the layers before them are made of. An operator without a rule is an error, never a guess. Rounding to bytes passes gradients as if it were not there.
/// </summary>
internal sealed class GradientGraph
{
    private readonly GraphAppender _new;
    private readonly HashSet<string> _between;
    private readonly Dictionary<string, string> _gradients = new(StringComparer.Ordinal);

    private GradientGraph(GraphProto graph, IEnumerable<string> inputs) => (_new, _between) = (new(graph), new(inputs, StringComparer.Ordinal));

    /// <summary>Adds the gradient of Σ <paramref name="output"/> · <paramref name="weights"/>.</summary>
    /// <param name="graph">The graph, which grows.</param>
    /// <param name="output">A value of it.</param>
    /// <param name="weights">A value of the same shape.</param>
    /// <param name="inputs">Values that <paramref name="output"/> is made of; none of them is made of another.</param>
    /// <returns>The gradient by each input.</returns>
    /// <exception cref="NotSupportedException">An operator on the way has no rule, or the output does not depend on an input.</exception>
    public static IReadOnlyList<string> Add(GraphProto graph, string output, string weights, IReadOnlyList<string> inputs)
    {
        var gradient = new GradientGraph(graph, inputs);
        var nodes = graph.Node.Where(gradient.DependsOnInputs).ToArray();
        gradient._gradients[output] = weights;
        foreach (var node in nodes.Reverse())
            if (gradient._gradients.TryGetValue(node.Output[0], out var above)) gradient.Back(node, above);
        return [.. inputs.Select(input => gradient._gradients.TryGetValue(input, out var found) ? found : throw new NotSupportedException($"{output} does not depend on {input}"))];
    }

    /// <summary>Nodes come in order, so one look at each is enough. Of several outputs only the first can have a gradient: the others are indices.</summary>
    private bool DependsOnInputs(NodeProto node)
    {
        if (_between.Contains(node.Output[0]) || !node.Input.Any(_between.Contains)) return false;
        return _between.Add(node.Output[0]);
    }

    private void Back(NodeProto node, string above)
    {
        var (x, y) = (node.Input[0], node.Output[0]);
        switch (node.OpType)
        {
            case "Identity" or "QuantizeLinear" or "DequantizeLinear":
                Reach(x, above);
                break;
            case "Flatten":
                Reach(x, Add("Reshape", above, Add("Shape", x)));
                break;
            case "Unsqueeze":
                Reach(x, Add("Squeeze", above, node.Input[1]));
                break;
            case "Squeeze":
                Reach(x, Add("Unsqueeze", above, node.Input[1]));
                break;
            case "Concat":
                var parts = _new.Node("Split", [above], node.Input.Count, ("axis", node.Attribute.Single(attribute => attribute.Name == "axis").I));
                foreach (var (input, part) in node.Input.Zip(parts)) Reach(input, part);
                break;
            case "Relu": // its output is 0 or above: the sign is the slope
                Reach(x, Add("Mul", above, Add("Sign", y)));
                break;
            case "Max" when node.Input.Count == 2:
                Reach(x, Add("Mul", [above, _new.Node("Cast", [Add("Greater", x, node.Input[1])], null, ("to", (long)TensorProto.Types.DataType.Float))]));
                break;
            case "Add":
                foreach (var input in node.Input) Reach(input, above);
                break;
            case "Mul" when !_between.Contains(node.Input[1]):
                Reach(x, Add("Mul", above, node.Input[1]));
                break;
            case "Gemm" when IsSet(node, "transB"):
                Reach(x, Add("MatMul", above, node.Input[1]));
                break;
            case "MatMul" when !_between.Contains(node.Input[1]):
                Reach(x, _new.Node("Einsum", [above, node.Input[1]], null, ("equation", "...ij,...kj->...ik")));
                break;
            case "GlobalMaxPool": // to the largest, in equal parts where there are several
                var largest = Equal(x, y);
                Reach(x, Add("Mul", above, Add("Div", largest, Sum(largest, 2, 3))));
                break;
            case "GlobalAveragePool":
                var ones = Equal(x, x);
                Reach(x, Add("Mul", above, Add("Div", ones, Sum(ones, 2, 3))));
                break;
            case "Conv" when !_between.Contains(node.Input[1]) && node.Attribute.All(attribute => attribute.Name != "auto_pad"):
                Reach(x, Spread(node, above));
                break;
            case "MaxPool": // to the largest of each window: windows overlap, so what arrives adds up
                if (node.Output.Count == 1) node.Output.Add($"{y}.largest");
                var places = Add("Reshape", node.Output[1], _new.Integers(-1));
                var flat = Add("Reshape", Add("Sub", x, x), _new.Integers(-1));
                var scattered = _new.Node("ScatterElements", [flat, places, Add("Reshape", above, _new.Integers(-1))], null, ("axis", 0L), ("reduction", "add"));
                Reach(x, Add("Reshape", scattered, Add("Shape", x)));
                break;
            case "BatchNormalization":
                // The same normalisation around zero, so that each channel has its factor, of values and of maps alike.
                var zeros = Add("Sub", node.Input[1], node.Input[1]);
                var epsilon = node.Epsilon();
                Reach(x, _new.Node("BatchNormalization", [above, node.Input[1], zeros, zeros, node.Input[4]], null, ("epsilon", epsilon)));
                break;
            case "Softmax":
                Reach(x, Add("Mul", y, Add("Sub", above, Sum(Add("Mul", above, y), -1))));
                break;
            case "TopK":
                Reach(x, _new.Node("ScatterElements", [Add("Sub", x, x), node.Output[1], above], null, ("axis", -1L)));
                break;
            case "LpNormalization": // y = x / |x|: what of the gradient points along y changes nothing
                var across = Add("Sub", above, Add("Mul", y, Sum(Add("Mul", above, y), -1)));
                Reach(x, Add("Div", across, _new.Node("ReduceL2", [x], null, ("axes", new[] { -1L }), ("keepdims", 1L))));
                break;
            default:
                throw new NotSupportedException($"{node.Name}: {node.OpType} has no gradient rule; add one to {nameof(GradientGraph)}");
        }
    }

    /// <summary>A gradient arrives at a value; several add up.</summary>
    private void Reach(string value, string gradient)
    {
        if (_between.Contains(value)) _gradients[value] = _gradients.TryGetValue(value, out var other) ? Add("Add", other, gradient) : gradient;
    }

    /// <summary>The gradient by the input of a convolution: each value goes back through the kernel to where it came from.</summary>
    private string Spread(NodeProto node, string above)
    {
        var attributes = node.Attribute.Select(attribute => (attribute.Name, attribute.Name == "group" ? (object)attribute.I : attribute.Ints.ToArray())).ToList();
        var strides = node.Integers("strides") ?? [];
        // A stride may leave out last rows and columns: as many as there can be are added, and those that there are not cut off.
        if (strides.Any(stride => stride > 1)) attributes.Add(("output_padding", strides.Select(stride => stride - 1).ToArray()));
        var whole = _new.Node("ConvTranspose", [above, node.Input[1]], null, [.. attributes]);
        var size = Add("Slice", Add("Shape", node.Input[0]), _new.Integers(2), _new.Integers(4));
        return Add("Slice", whole, _new.Integers(0, 0), size, _new.Integers(2, 3));
    }

    private string Sum(string value, params long[] axes) => _new.Sum(value, axes, keep: true);

    private string Equal(string one, string other) => _new.Node("Cast", [Add("Equal", one, other)], null, ("to", (long)TensorProto.Types.DataType.Float));

    private string Add(string op, params string[] inputs) => _new.Node(op, inputs);

    private static bool IsSet(NodeProto node, string attribute) => node.Attribute.Any(found => found.Name == attribute && found.I == 1);
}
