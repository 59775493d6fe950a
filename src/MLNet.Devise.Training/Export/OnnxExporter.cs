using MLNet.Devise.Onnx;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Export;

/// <summary>
/// Writes the modules that ran in training as an ONNX graph: one rule a module type, composites by their parts. A module without a rule
/// is an error, never a guess.
/// </summary>
internal sealed class OnnxExporter(GraphBuilder graph)
{
    /// <summary>Input of the exported network: N×3×H×W in 0..1.</summary>
    public const string Input = "image";

    /// <summary>Output of the exported network: N×dimension, unit length.</summary>
    public const string Output = "embedding";

    /// <summary>The whole network, normalisation and unit length included.</summary>
    /// <param name="net">A stage-2 network, or a <see cref="Conse"/>; its running statistics are used, as in evaluation.</param>
    /// <param name="dimension">Values an embedding.</param>
    /// <param name="imageSize">Side of the input square, pixels.</param>
    /// <param name="metadata">Texts for the file's <c>metadata_props</c>.</param>
    public static ModelProto Export(nn.Module<Tensor, Tensor> net, int dimension, int imageSize, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var graph = new GraphBuilder("devise");
        var image = graph.Input(Input, "N", 3, imageSize, imageSize);
        var embedding = new OnnxExporter(graph).Visit(net, "", image);
        graph.Node("LpNormalization", [embedding], Output, ("axis", -1L), ("p", 2L));
        graph.Output(Output, TensorProto.Types.DataType.Float, "N", dimension);
        return graph.Build(metadata);
    }

    /// <summary>Adds the nodes of <paramref name="module"/> after <paramref name="x"/>.</summary>
    /// <returns>The module's output.</returns>
    /// <exception cref="NotSupportedException">There is no rule for the module or for a setting of it.</exception>
    public string Visit(nn.Module module, string path, string x)
    {
        switch (module)
        {
            case DeviseNet net:
                var maps = Visit(net.features, "features", Visit(net.normalize, "normalize", x));
                return net.prior is { } prior ? Join(prior, Visit(net.head, "head", maps), maps) : Visit(net.head, "head", maps);
            case Conse conse:
                return Average(conse, Visit(conse.classifier, "", x));
            case Sequential sequence:
                foreach (var (name, child) in sequence.named_children()) x = Visit(child, $"{path}.{name}", x);
                return x;
            case Fire fire:
                var squeezed = graph.Node("Relu", [Visit(fire.squeeze, $"{path}.squeeze", x)]);
                return graph.Node("Concat", [
                    graph.Node("Relu", [Visit(fire.expand1x1, $"{path}.expand1x1", squeezed)]),
                    graph.Node("Relu", [Visit(fire.expand3x3, $"{path}.expand3x3", squeezed)])], attributes: ("axis", 1L));
            case BasicBlock block:
                var around = block.downsample is null ? x : Visit(block.downsample, $"{path}.downsample", x);
                var through = graph.Node("Relu", [Visit(block.bn1, $"{path}.bn1", Visit(block.conv1, $"{path}.conv1", x))]);
                through = Visit(block.bn2, $"{path}.bn2", Visit(block.conv2, $"{path}.conv2", through));
                return graph.Node("Relu", [graph.Node("Add", [through, around])]);
            case Normalize normalize:
                return graph.Node("Div", [
                    graph.Node("Sub", [x, graph.Constant($"{path}.mean", normalize.Mean.AsSpan(), 1, 3, 1, 1)]),
                    graph.Constant($"{path}.std", normalize.Std.AsSpan(), 1, 3, 1, 1)]);
            case AdaptiveConcatPool2d:
                return graph.Node("Concat", [graph.Node("GlobalMaxPool", [x]), graph.Node("GlobalAveragePool", [x])], attributes: ("axis", 1L));
            case Conv2d conv:
                return Convolution(conv, path, x);
            case MaxPool2d pool:
                var window = pool.kernel_size;
                return graph.Node("MaxPool", [x], null, ("kernel_shape", window), ("strides", pool.stride ?? window), ("pads", Both(pool.padding)), ("dilations", pool.dilation), ("ceil_mode", pool.ceil_mode ? 1L : 0L));
            case BatchNorm norm:
                if (norm.running_mean is null || norm.running_var is null) throw Unknown(module, path, "without running statistics");
                return graph.Node("BatchNormalization", [
                    x, Constant($"{path}.weight", norm.weight), Constant($"{path}.bias", norm.bias),
                    Constant($"{path}.running_mean", norm.running_mean), Constant($"{path}.running_var", norm.running_var)], null, ("epsilon", (float)norm.eps));
            case Linear linear:
                return graph.Node("Gemm", linear.bias is null
                    ? [x, Constant($"{path}.weight", linear.weight)]
                    : [x, Constant($"{path}.weight", linear.weight), Constant($"{path}.bias", linear.bias)], null, ("transB", 1L));
            case ReLU:
                return graph.Node("Relu", [x]);
            case Dropout: // the identity outside training
                return x;
            case Flatten { start_dim: 1, end_dim: -1 }:
                return graph.Node("Flatten", [x], null, ("axis", 1L));
            default:
                throw Unknown(module, path, "");
        }
    }

    /// <summary>The head's vector at length 1 plus the prior's, whose weight is in its vectors.</summary>
    private string Join(Prior prior, string head, string maps)
    {
        var logits = Visit(prior.classifier, "prior.classifier", maps);
        if (prior.Rectifies) logits = graph.Node("Relu", [logits]);
        var likely = graph.Node("Softmax", [graph.Node("Flatten", [graph.Node("GlobalAveragePool", [logits])], null, ("axis", 1L))], attributes: ("axis", -1L));
        using var weighted = prior.vectors.Times(prior.Weight).t();
        var said = graph.Node("Gemm", [likely, Constant("prior.vectors", weighted)], null, ("transB", 1L));
        return graph.Node("Add", [graph.Node("LpNormalization", [head], attributes: [("axis", -1L), ("p", 2L)]), said]);
    }

    private string Average(Conse conse, string logits)
    {
        var likely = graph.Node("Softmax", [logits], attributes: ("axis", -1L));
        var top = graph.Node("TopK", [likely, graph.Constant("conse.top", [(long)conse.Top], 1)], ["conse.weights", "conse.labels"], [("axis", -1L), ("largest", 1L), ("sorted", 1L)]);
        var vectors = graph.Node("Gather", [graph.Constant("conse.vectors", conse.Seen.Vectors, conse.Seen.Names.Count, conse.Seen.Dimension), top[1]], attributes: ("axis", 0L));
        var middle = graph.Constant("conse.middle", [1L], 1);
        var sum = graph.Node("MatMul", [graph.Node("Unsqueeze", [top[0], middle]), vectors]);
        return graph.Node("Squeeze", [sum, middle]);
    }

    private string Convolution(Conv2d conv, string path, string x)
    {
        if (conv.padding_mode != PaddingModes.Zeros || conv.padding is not { } padding) throw Unknown(conv, path, $"with padding {conv.padding_mode}");
        string[] inputs = conv.bias is null
            ? [x, Constant($"{path}.weight", conv.weight)]
            : [x, Constant($"{path}.weight", conv.weight), Constant($"{path}.bias", conv.bias)];
        return graph.Node("Conv", inputs, null, ("kernel_shape", conv.kernel_size), ("strides", conv.stride), ("pads", Both(padding)), ("dilations", conv.dilation), ("group", conv.groups));
    }

    private string Constant(string name, Tensor? value)
    {
        if (value is null) throw new NotSupportedException($"{name}: a layer without it has no export rule");
        using var plain = value.detach().cpu().contiguous();
        return graph.Constant(name, plain.data<float>().ToArray().AsSpan(), plain.shape);
    }

    /// <summary>The same padding before and after.</summary>
    private static long[] Both(long[] padding) => [.. padding, .. padding];

    private static NotSupportedException Unknown(nn.Module module, string path, string setting) =>
        new($"{path}: {module.GetType().Name} {setting} has no export rule; add one to {nameof(OnnxExporter)}");
}
