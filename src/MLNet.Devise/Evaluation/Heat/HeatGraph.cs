using Google.Protobuf;
using MLNet.Devise.Onnx;

namespace MLNet.Devise.Evaluation.Heat;

/// <summary>
/// A network with a second output: the class-activation map of gradients (Grad-CAM, Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2)
/// for a direction that is its second input.
/// </summary>
/// <remarks>
/// The score y is the product of the network's output with the direction: the cosine with a label where the output has length 1. With A the
/// last feature maps, those whose maximum the head takes, the map is ReLU(Σₖ αₖ Aₖ), αₖ the mean over all positions of ∂y/∂Aₖ.
/// </remarks>
internal static class HeatGraph
{
    /// <summary>Second input: N×dimension.</summary>
    public const string Direction = "direction";

    /// <summary>Second output: N×h×w, 0 and above.</summary>
    public const string Map = "heat";

    /// <summary>First output: N.</summary>
    public const string Score = "score";

    private static readonly long[] Positions = [2, 3];

    /// <param name="network">The network; it stays as it is.</param>
    /// <param name="normalized">Whether the score is taken of the output at length 1, or of what it is before: of a classifier's logits.</param>
    /// <exception cref="NotSupportedException">Not a network that takes the maximum of its feature maps over the whole image, or a head without gradient rules.</exception>
    public static byte[] Of(ModelProto network, bool normalized = true)
    {
        var model = network.Clone();
        var graph = model.Graph;
        string[] pooled = [.. graph.Node.Where(node => node.OpType == "GlobalMaxPool").Select(node => node.Input[0]).Distinct(StringComparer.Ordinal)];
        if (pooled is not [var maps]) throw new NotSupportedException($"a network with {pooled.Length} global maxima has no single last feature map to draw heat on");
        var output = graph.Output[0];
        var last = graph.Node.Single(node => node.Output.Contains(output.Name));
        var scored = normalized ? output.Name : last.Input[0];

        var add = new GraphAppender(graph);
        graph.Input.Add(new ValueInfoProto(output) { Name = Direction });
        var gradient = GradientGraph.Add(graph, scored, Direction, [maps])[0];
        var weights = add.Node("ReduceMean", [gradient], null, ("axes", Positions), ("keepdims", 1L));
        add.Node("Relu", [add.Sum(add.Node("Mul", [maps, weights]), [1], keep: false)], Map);
        add.Sum(add.Node("Mul", [scored, Direction]), [-1], keep: false, Score);
        graph.Output.Clear();
        graph.Output.Add([Floats(Score, 1), Floats(Map, 3)]);
        return model.ToByteArray();
    }

    private static ValueInfoProto Floats(string name, int rank)
    {
        var shape = new TensorShapeProto();
        for (var i = 0; i < rank; i++) shape.Dim.Add(new TensorShapeProto.Types.Dimension());
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } } };
    }
}
