using MLNet.Devise.Onnx;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>What the attributes of convolutions and pooling say, as far as layers here can do it.</summary>
internal static class NodeReader
{
    /// <summary>Neither groups nor dilation nor padding by name.</summary>
    public static bool IsPlain(NodeProto node) =>
        node.Integer("group", 1) == 1 && node.Attribute.All(attribute => attribute.Name != "auto_pad") && node.Integers("dilations")?.All(step => step == 1) != false;

    /// <summary>Stride and padding, where they are the same down and across and in bounds.</summary>
    public static (int Stride, int Before, int Behind)? Window(NodeProto node)
    {
        var strides = node.Integers("strides") ?? [1, 1];
        var pads = node.Integers("pads") ?? [0, 0, 0, 0];
        if (strides is not [var down, var across] || down != across || down is < 1 or > TrunkBudget.Most) return null;
        if (pads is not [var top, var left, var bottom, var right] || top != left || bottom != right || top is < 0 or > TrunkBudget.Most || bottom is < 0 or > TrunkBudget.Most) return null;
        return ((int)down, (int)top, (int)bottom);
    }
}
