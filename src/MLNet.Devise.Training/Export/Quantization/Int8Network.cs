using MLNet.Devise.Onnx;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>
/// Static quantisation to 8 bits: a network of floats and some real images → the same network in bytes. Ranges are those of least squared
/// error, and biases make up for the mean error of rounded weights.
/// </summary>
internal static class Int8Network
{
    /// <param name="source">The exported network; it stays as it is.</param>
    /// <param name="images">Calibration images, a few at a time.</param>
    /// <exception cref="NotSupportedException">The network has a layer without a rule.</exception>
    public static ModelProto Quantize(ModelProto source, IEnumerable<PixelBatch> images)
    {
        var graph = new EditableGraph(source);
        Folding.Apply(graph);
        var pixels = ImageNormalization.Fold(graph);
        var placement = Placement.Of(graph);
        var calibration = Calibration.Run(graph.Model, placement, images);
        var scales = placement.Values.Select(placement.ScaleOf).Distinct().ToDictionary(
            name => name, name => name == pixels ? ByteScale.Pixels : ByteScale.LeastError(calibration.Histogram(name)), StringComparer.Ordinal);
        LayerCodes[] codes = [.. placement.Layers.Select(layer => LayerCodes.Of(
            Weights(graph, layer), scales[placement.ScaleOf(layer.Input[0])].Scale, calibration.Means(layer.Input[0])))];
        new QdqWriter(graph, placement, scales).Write(codes);
        return graph.Model;
    }

    private static LayerWeights Weights(EditableGraph graph, NodeProto layer)
    {
        var shape = graph.Shape(layer.Input[1]);
        return new(graph.Floats(layer.Input[1]), (int)shape[0], (int)shape[1],
            layer.Input.Count > 2 ? graph.Floats(layer.Input[2]) : new float[shape[0]], (int)layer.Integer("group", 1));
    }
}
