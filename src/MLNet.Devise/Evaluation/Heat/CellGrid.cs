using System.Runtime.InteropServices;
using MLNet.Devise.Onnx;

namespace MLNet.Devise.Evaluation.Heat;

/// <summary>
/// Where the cells of a feature map lie on the image: the middles of their receptive fields, which windows that leave out or overhang an
/// edge do not spread evenly from corner to corner.
/// </summary>
/// <param name="Cells">Cells a side.</param>
/// <param name="Step">From one middle to the next, pixels.</param>
/// <param name="First">The first middle, pixels from the edge.</param>
internal readonly record struct CellGrid(int Cells, double Step, double First)
{
    /// <summary>Operators that change values and leave them in their places.</summary>
    private static readonly HashSet<string> KeepsPlaces =
        ["Add", "BatchNormalization", "Concat", "DequantizeLinear", "Div", "Identity", "Max", "Mul", "QuantizeLinear", "Relu", "Sub"];

    /// <summary>An image's own pixels.</summary>
    public static CellGrid OfImage(int side) => new(side, 1, 0.5);

    /// <summary>The grid of what a node makes of this one; null where no rule says so.</summary>
    /// <param name="node">The node.</param>
    /// <param name="constants">The graph's constants.</param>
    public CellGrid? After(NodeProto node, IReadOnlyList<TensorProto> constants)
    {
        if (KeepsPlaces.Contains(node.OpType)) return this;
        if (node.OpType == "Pad") return Padded(constants.FirstOrDefault(constant => node.Input.Count > 1 && constant.Name == node.Input[1]));
        if (node.OpType is not ("Conv" or "MaxPool" or "AveragePool") || Text(node, "auto_pad", "NOTSET") != "NOTSET") return null;
        if (Both(node, "kernel_shape", 0) is not { } window || Both(node, "strides", 1) is not { } stride || Both(node, "dilations", 1) is not { } dilation) return null;
        var pads = node.Integers("pads") ?? [0, 0, 0, 0];
        if (window == 0 || pads is not [var before, var left, var after, var right] || before != left || after != right) return null;
        var reach = (window - 1) * dilation;
        var cells = NodeAttributes.Windows(Cells, reach + 1, stride, before, after, node.Integer("ceil_mode", 0) == 1);
        if (cells == 0) return null;
        return new((int)cells, Step * stride, First + Step * (reach / 2.0 - before));
    }

    /// <summary>With more cells around it: int8 networks give the image a fourth channel so, and no cells.</summary>
    private CellGrid? Padded(TensorProto? pads)
    {
        long[] found = pads is null ? [] : MemoryMarshal.Cast<byte, long>(pads.RawData.Span).ToArray();
        return found is [_, _, var before, var left, _, _, var after, var right] && before == left && after == right
            ? new((int)(Cells + before + after), Step, First - before * Step)
            : null;
    }

    /// <summary>The two cells around a point of the image, and how far it is from the first to the second; beyond the outermost middles nothing changes.</summary>
    /// <param name="pixels">From the edge.</param>
    public (int First, int Second, float Share) Between(double pixels)
    {
        var position = (float)Math.Clamp((pixels - First) / Step, 0, Cells - 1);
        var first = (int)position;
        return (first, Math.Min(first + 1, Cells - 1), position - first);
    }

    /// <summary>An attribute that is the same for rows and columns; null where it is not.</summary>
    private static long? Both(NodeProto node, string name, long otherwise) => node.Integers(name) switch
    {
        null => otherwise,
        [var rows, var columns] when rows == columns => rows,
        _ => null,
    };

    private static string Text(NodeProto node, string name, string otherwise) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.S.ToStringUtf8() ?? otherwise;
}
