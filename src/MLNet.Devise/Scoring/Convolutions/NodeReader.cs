using Google.Protobuf.Collections;
using MLNet.Devise.Onnx;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>What the attributes of convolutions and pooling say, as far as layers here can do it.</summary>
internal static class NodeReader
{
    /// <summary>An integer, or what it is when absent.</summary>
    public static long Attribute(NodeProto node, string name, long otherwise) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I ?? otherwise;

    /// <summary>Integers; null where absent.</summary>
    public static RepeatedField<long>? Integers(NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.Ints;

    /// <summary>Neither groups nor dilation nor padding by name.</summary>
    public static bool IsPlain(NodeProto node) =>
        Attribute(node, "group", 1) == 1 && node.Attribute.All(attribute => attribute.Name != "auto_pad") && Integers(node, "dilations")?.All(step => step == 1) != false;

    /// <summary>Stride and padding, where they are the same down and across and in bounds.</summary>
    public static (int Stride, int Before, int Behind)? Window(NodeProto node)
    {
        var strides = Integers(node, "strides") ?? [1, 1];
        var pads = Integers(node, "pads") ?? [0, 0, 0, 0];
        if (strides is not [var down, var across] || down != across || down is < 1 or > TrunkBudget.Most) return null;
        if (pads is not [var top, var left, var bottom, var right] || top != left || bottom != right || top is < 0 or > TrunkBudget.Most || bottom is < 0 or > TrunkBudget.Most) return null;
        return ((int)down, (int)top, (int)bottom);
    }
}
