using MLNet.Devise.Onnx;

namespace MLNet.Devise.Evaluation.Heat;

/// <summary>A network with a second output: the class-activation map of gradients for a direction that is its second input.</summary>
/// <remarks>
/// The score y is the product of the direction with the network's output before that is brought to length 1: as in Grad-CAM's paper, which
/// takes logits rather than what softmax makes of them. A cosine saturates: near 1 its gradient, what of the direction is across the output,
/// is the output's error and says nothing about where the score comes from.
/// With A the last feature maps, those whose maximum the head takes, the map is ReLU(Σₖ αₖ Aₖ), αₖ the mean over all positions of ∂y/∂Aₖ
/// (Grad-CAM, Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2). Where they have fewer than <see cref="FewestCells"/> cells a side, A are
/// the deepest that have as many. Layers that tell positions apart come after those, so each position keeps its own gradient:
/// ReLU(Σₖ ∂y/∂Aₖ ⊙ Aₖ) (HiResCAM, Draelos and Carin 2020, arXiv:2011.08891).
/// </remarks>
/// <param name="Network">The network.</param>
/// <param name="Last">Its last feature maps.</param>
/// <param name="Drawn">Those that heat is drawn on.</param>
internal sealed record HeatGraph(ModelProto Network, FeatureMaps Last, FeatureMaps Drawn)
{
    /// <summary>Second input: N×dimension.</summary>
    public const string Direction = "direction";

    /// <summary>Second output: N×h×w, 0 and above.</summary>
    public const string Map = "heat";

    /// <summary>Cells a side; a map with fewer says hardly more than whether the thing is in the image: each of its cells sees most of it.</summary>
    public const int FewestCells = 6;

    private static readonly long[] Positions = [2, 3];

    /// <summary>First output, N×dimension: what comes of the image; at length 1 where the network was asked for so.</summary>
    public string Output => Network.Graph.Output[0].Name;

    /// <param name="network">The network; it stays as it is.</param>
    /// <param name="normalized">Whether the first output is at length 1, or what it is before: a classifier's logits.</param>
    /// <exception cref="NotSupportedException">Not a network that takes the maximum of its feature maps over the whole image, or a head without gradient rules.</exception>
    public static HeatGraph Of(ModelProto network, bool normalized = true)
    {
        var model = network.Clone();
        var graph = model.Graph;
        string[] pooled = [.. graph.Node.Where(node => node.OpType == "GlobalMaxPool").Select(node => node.Input[0]).Distinct(StringComparer.Ordinal)];
        if (pooled is not [var maps]) throw new NotSupportedException($"a network with {pooled.Length} global maxima has no single last feature map to draw heat on");
        var (last, drawn) = FeatureMaps.Of(graph, maps, FewestCells);
        var output = graph.Output[0];
        var scored = graph.Node.Single(node => node.Output.Contains(output.Name)).Input[0];

        var add = new GraphAppender(graph);
        graph.Input.Add(new ValueInfoProto(output) { Name = Direction });
        var gradient = GradientGraph.Add(graph, scored, Direction, [drawn.Value])[0];
        var weights = drawn == last ? add.Node("ReduceMean", [gradient], null, ("axes", Positions), ("keepdims", 1L)) : gradient;
        add.Node("Relu", [add.Sum(add.Node("Mul", [drawn.Value, weights]), [1], keep: false)], Map);
        graph.Output.Clear();
        graph.Output.Add([Floats(normalized ? output.Name : scored, 2), Floats(Map, 3)]);
        return new(model, last, drawn);
    }

    private static ValueInfoProto Floats(string name, int rank)
    {
        var shape = new TensorShapeProto();
        for (var i = 0; i < rank; i++) shape.Dim.Add(new TensorShapeProto.Types.Dimension());
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } } };
    }
}
