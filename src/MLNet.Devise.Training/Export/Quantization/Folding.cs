using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>
/// Takes affine steps into the layer beside them, exactly: batch normalisation into the convolution or linear layer before it, the image's
/// normalisation into a first convolution without padding.
/// </summary>
/// <remarks>
/// Batch normalisation before a linear layer stays, though folding it would be exact too: its output has every channel in the same range,
/// which is what a single scale for all of them needs. The maxima and the means of pooling differ by an order of magnitude.
/// With padding the image's normalisation stays: zero after it is the mean before it, a different value in each channel.
/// </remarks>
internal static class Folding
{
    public static void Apply(EditableGraph graph)
    {
        foreach (var norm in graph.Nodes.Where(node => node.OpType == "BatchNormalization").ToArray())
            if (graph.Producer(norm.Input[0]) is { OpType: "Conv" or "Gemm" } layer && graph.OnlyConsumer(layer.Output[0]) == norm) IntoLayerBefore(graph, layer, norm);
        if (graph.Nodes.FirstOrDefault(node => node.OpType == "Conv") is { } first) NormalizationInto(graph, first);
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
        var epsilon = norm.Attribute.FirstOrDefault(attribute => attribute.Name == "epsilon")?.F ?? 1e-5f;
        var (weight, bias, mean, variance) = (graph.Floats(norm.Input[1]), graph.Floats(norm.Input[2]), graph.Floats(norm.Input[3]), graph.Floats(norm.Input[4]));
        double[] factors = [.. weight.Select((value, i) => value / Math.Sqrt((double)variance[i] + epsilon))];
        return (factors, [.. bias.Select((value, i) => value - mean[i] * factors[i])]);
    }

    private static void NormalizationInto(EditableGraph graph, NodeProto conv)
    {
        if (graph.Producer(conv.Input[0]) is not { OpType: "Div" } divide || graph.Producer(divide.Input[0]) is not { OpType: "Sub" } subtract) return;
        if (!graph.IsConstant(divide.Input[1]) || !graph.IsConstant(subtract.Input[1]) || graph.OnlyConsumer(divide.Output[0]) != conv) return;
        if (conv.Attribute.FirstOrDefault(attribute => attribute.Name == "pads")?.Ints.Any(pad => pad != 0) == true) return;
        var (means, stds) = (graph.Floats(subtract.Input[1]), graph.Floats(divide.Input[1]));
        var (weights, shape) = (graph.Floats(conv.Input[1]), graph.Shape(conv.Input[1]));
        // N×3×H×W with a value a channel, and every channel read by every filter.
        if (means.Length != shape[1] || stds.Length != shape[1] || EditableGraph.Attribute(conv, "group", 1) != 1) return;
        var window = weights.Length / (shape[0] * shape[1]);
        var bias = Array.ConvertAll(Bias(graph, conv, (int)shape[0]), value => (double)value);
        for (var i = 0; i < weights.Length; i++)
        {
            var channel = i / window % shape[1];
            var weight = weights[i] / (double)stds[channel];
            bias[i / (window * shape[1])] -= weight * means[channel];
            weights[i] = (float)weight;
        }
        Replace(graph, conv, weights, shape, Array.ConvertAll(bias, value => (float)value));
        graph.Bypass(divide);
        graph.Bypass(subtract);
    }

    private static float[] Bias(EditableGraph graph, NodeProto layer, int outputs) => layer.Input.Count > 2 ? graph.Floats(layer.Input[2]) : new float[outputs];

    private static void Replace(EditableGraph graph, NodeProto layer, float[] weights, long[] shape, float[] bias)
    {
        graph.Set<float>(layer.Input[1], DataType.Float, weights, shape);
        if (layer.Input.Count < 3) layer.Input.Add($"{layer.Name}.bias");
        graph.Set<float>(layer.Input[2], DataType.Float, bias, bias.Length);
    }
}
