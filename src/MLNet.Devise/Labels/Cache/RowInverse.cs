using System.Numerics.Tensors;

namespace MLNet.Devise.Labels.Cache;

/// <summary>1 / length of a row, as a cache keeps it beside the row and as it is checked: 0 for rows without direction, and for those whose length or inverse no float can hold.</summary>
internal static class RowInverse
{
    public static float Of(ReadOnlySpan<float> row) => Of(TensorPrimitives.Norm(row));

    /// <summary>Of codes × scale, whose squares may be too large where the length is not.</summary>
    public static float Of(ReadOnlySpan<sbyte> codes, float scale)
    {
        var sum = 0L;
        foreach (var code in codes) sum += code * code;
        return Of(MathF.Sqrt(sum) * scale);
    }

    private static float Of(float length) => length > 0 && float.IsFinite(length) && float.IsFinite(1 / length) ? 1 / length : 0;
}
