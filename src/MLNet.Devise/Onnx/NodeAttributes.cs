using Google.Protobuf.Collections;

namespace MLNet.Devise.Onnx;

/// <summary>What a node's attributes say.</summary>
internal static class NodeAttributes
{
    /// <summary>An integer, or what it is when absent.</summary>
    public static long Integer(this NodeProto node, string name, long otherwise) => Find(node, name)?.I ?? otherwise;

    /// <summary>Integers; null where absent.</summary>
    public static RepeatedField<long>? Integers(this NodeProto node, string name) => Find(node, name)?.Ints;

    /// <summary>A batch normalisation's ε, by the standard 1e-5 when absent.</summary>
    public static float Epsilon(this NodeProto norm) => Find(norm, "epsilon")?.F ?? 1e-5f;

    /// <summary>How many windows a side of some size has, padding included; 0 where none fits. As ONNX counts, one that would begin in the padding behind is left out.</summary>
    /// <param name="size">Without padding.</param>
    /// <param name="window">Reach of a window, at least 1.</param>
    /// <param name="stride">From one window to the next, at least 1.</param>
    /// <param name="before">Padding in front.</param>
    /// <param name="behind">Padding behind.</param>
    /// <param name="up">Whether a window may reach beyond the padding (<c>ceil_mode</c>).</param>
    public static long Windows(long size, long window, long stride, long before, long behind, bool up)
    {
        var room = size + before + behind - window;
        if (room < 0) return 0;
        var count = (up ? room + stride - 1 : room) / stride + 1;
        return up && (count - 1) * stride >= size + before ? count - 1 : count;
    }

    private static AttributeProto? Find(NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
