using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>
/// Takes batch normalisation into the convolution or linear layer before it, exactly, and writes what is left of a head so that ONNX Runtime
/// finds its linear layers.
/// </summary>
/// <remarks>
/// Batch normalisation before a linear layer stays (as a product and a sum), though folding it would be exact too: its output has every channel in the same range,
/// which is what a single scale for all of them needs. The maxima and the means of pooling differ by an order of magnitude.
/// </remarks>
internal static class Folding
{
    public static void Apply(EditableGraph graph)
    {
        foreach (var norm in graph.Nodes.Where(node => node.OpType == "BatchNormalization").ToArray())
            if (graph.Producer(norm.Input[0]) is { OpType: "Conv" or "Gemm" } layer && graph.OnlyConsumer(layer.Output[0]) == norm) IntoLayerBefore(graph, layer, norm);
        foreach (var layer in graph.Nodes.Where(node => node.OpType == "Gemm").ToArray()) ReluAsMax(graph, layer);
        foreach (var norm in graph.Nodes.Where(node => node.OpType == "BatchNormalization").ToArray())
            if (OfRows(graph, norm.Input[0])) AsProductAndSum(graph, norm);
        graph.Prune();
    }

    private static void IntoLayerBefore(EditableGraph graph, NodeProto layer, NodeProto norm)
    {
        var (factors, terms) = Affine(graph, norm);
        var (weights, shape) = (graph.Floats(layer.Input[1]), graph.Shape(layer.Input[1]));
        var each = weights.Length / factors.Length;
        for (var i = 0; i < weights.Length; i++) weights[i] = (float)(weights[i] * factors[i / each]);
        var bias = Bias(graph, layer, factors.Length);
        for (var i = 0; i < bias.Length; i++) bias[i] = (float)(bias[i] * factors[i] + terms[i]);
        Replace(graph, layer, weights, shape, bias);
        graph.Bypass(norm);
    }

    /// <summary>What batch normalisation does in evaluation, as factor · x + term.</summary>
    private static (double[] Factors, double[] Terms) Affine(EditableGraph graph, NodeProto norm)
    {
        var epsilon = norm.Epsilon();
        var (weight, bias, mean, variance) = (graph.Floats(norm.Input[1]), graph.Floats(norm.Input[2]), graph.Floats(norm.Input[3]), graph.Floats(norm.Input[4]));
        double[] factors = [.. weight.Select((value, i) => value / Math.Sqrt((double)variance[i] + epsilon))];
        return (factors, [.. bias.Select((value, i) => value - mean[i] * factors[i])]);
    }

    /// <summary>
    /// The same in another operator. ONNX Runtime makes one float operator of a linear layer and a ReLU before it looks for integers, unless
    /// the ReLU's output is made of bytes, which would cost precision for nothing.
    /// </summary>
    private static void ReluAsMax(EditableGraph graph, NodeProto layer)
    {
        if (graph.OnlyConsumer(layer.Output[0]) is not { OpType: "Relu" } relu) return;
        relu.OpType = "Max";
        relu.Input.Add(graph.Set<float>($"{relu.Name}.least", DataType.Float, [0], 1));
    }

    /// <summary>Whether a value is N×C: the outputs of linear layers, and what was flattened for one.</summary>
    private static bool OfRows(EditableGraph graph, string value) => graph.Producer(value) switch
    {
        { OpType: "Flatten" or "Gemm" } => true,
        { OpType: "Relu" or "Max" } node => OfRows(graph, node.Input[0]),
        _ => false,
    };

    /// <summary>Half the constants, and a tenth of the time: ONNX Runtime's batch normalisation is made for images.</summary>
    private static void AsProductAndSum(EditableGraph graph, NodeProto norm)
    {
        var (factors, terms) = Affine(graph, norm);
        var product = new NodeProto { OpType = "Mul", Name = $"{norm.Name}.product", Input = { norm.Input[0], $"{norm.Name}.factors" }, Output = { $"{norm.Name}.product" } };
        graph.Set<float>(product.Input[1], DataType.Float, Array.ConvertAll(factors, value => (float)value), factors.Length);
        var sum = new NodeProto { OpType = "Add", Name = norm.Name, Input = { product.Output[0], $"{norm.Name}.terms" }, Output = { norm.Output[0] } };
        graph.Set<float>(sum.Input[1], DataType.Float, Array.ConvertAll(terms, value => (float)value), terms.Length);
        var at = graph.Nodes.IndexOf(norm);
        graph.Nodes[at] = product;
        graph.Nodes.Insert(at + 1, sum);
    }

    /// <summary>A layer's bias, zeros where it has none.</summary>
    public static float[] Bias(EditableGraph graph, NodeProto layer, int outputs) => layer.Input.Count > 2 ? graph.Floats(layer.Input[2]) : new float[outputs];

    /// <summary>Gives a layer other weights and another bias.</summary>
    public static void Replace(EditableGraph graph, NodeProto layer, float[] weights, long[] shape, float[] bias)
    {
        graph.Set<float>(layer.Input[1], DataType.Float, weights, shape);
        if (layer.Input.Count < 3) layer.Input.Add($"{layer.Name}.bias");
        graph.Set<float>(layer.Input[2], DataType.Float, bias, bias.Length);
    }
}
