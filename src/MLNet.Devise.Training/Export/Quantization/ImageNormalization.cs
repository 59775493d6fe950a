using MLNet.Devise.Onnx;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>
/// Takes the image's normalisation into the first convolution, exactly, so that it reads the image's own bytes: (x − mean) / std is divided
/// out in the weights, and the means go into the bias.
/// </summary>
/// <remarks>
/// The image gets a fourth channel of ones. Where a convolution pads, zero beyond the border means the mean of every channel, not black; the
/// means then are that channel's weights, since it is zero beyond the border too. And where it does not, four channels are still what ONNX
/// Runtime's fast integer convolution asks for: with three it first copies every window, which takes twice as long.
/// </remarks>
internal static class ImageNormalization
{
    /// <returns>The value that holds the pixels: the image, or the image with its fourth channel.</returns>
    public static string Fold(EditableGraph graph)
    {
        var image = graph.Model.Graph.Input[0].Name;
        if (graph.Nodes.FirstOrDefault(node => node.OpType == "Conv") is not { } conv || graph.Producer(conv.Input[0]) is not { OpType: "Div" } divide) return image;
        if (graph.Producer(divide.Input[0]) is not { OpType: "Sub" } subtract || subtract.Input[0] != image || graph.OnlyConsumer(divide.Output[0]) != conv) return image;
        var (means, stds) = (graph.Floats(subtract.Input[1]), graph.Floats(divide.Input[1]));
        if (conv.Integer("group", 1) != 1 || means.Length != graph.Shape(conv.Input[1])[1] || stds.Length != means.Length) return image;
        Rewrite(graph, conv, means, stds);
        graph.Bypass(divide);
        graph.Bypass(subtract);
        var pads = graph.Set<long>($"{image}.border", DataType.Int64, [0, 0, 0, 0, 0, 1, 0, 0], 8);
        var one = graph.Set<float>($"{image}.one", DataType.Float, [1]);
        var pad = new NodeProto { OpType = "Pad", Name = $"{image}.pad", Input = { image, pads, one }, Output = { $"{image}.padded" } };
        graph.Nodes.Insert(0, pad);
        graph.Prune();
        return conv.Input[0] = pad.Output[0];
    }

    private static void Rewrite(EditableGraph graph, NodeProto conv, float[] means, float[] stds)
    {
        var (weights, shape) = (graph.Floats(conv.Input[1]), graph.Shape(conv.Input[1]));
        var (outputs, channels, window) = ((int)shape[0], (int)shape[1], (int)(shape[2] * shape[3]));
        var padded = conv.Integers("pads")?.Any(pad => pad != 0) == true;
        var bias = Folding.Bias(graph, conv, outputs);
        var wider = new float[outputs * (channels + 1) * window];
        for (var output = 0; output < outputs; output++)
        {
            var shift = 0.0;
            for (var at = 0; at < window; at++)
            {
                var ones = 0.0;
                for (var channel = 0; channel < channels; channel++)
                {
                    var weight = weights[(output * channels + channel) * window + at] / (double)stds[channel];
                    wider[(output * (channels + 1) + channel) * window + at] = (float)weight;
                    ones -= weight * means[channel];
                }
                if (padded) wider[(output * (channels + 1) + channels) * window + at] = (float)ones;
                else shift += ones;
            }
            bias[output] = (float)(bias[output] + shift);
        }
        Folding.Replace(graph, conv, wider, [outputs, channels + 1, .. shape[2..]], bias);
    }
}
