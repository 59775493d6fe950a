using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Training.Backbones;

/// <summary>How a weights file stores numbers, little-endian; the floating-point formats can be read as 32-bit floats.</summary>
internal sealed class NumberFormat
{
    public static readonly NumberFormat Float64 = new("F64", 8, (bytes, values) => TensorPrimitives.ConvertSaturating(MemoryMarshal.Cast<byte, double>(bytes), values));
    public static readonly NumberFormat Float32 = new("F32", 4, (bytes, values) => bytes.CopyTo(MemoryMarshal.AsBytes(values)));
    public static readonly NumberFormat Float16 = new("F16", 2, (bytes, values) => TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values));
    public static readonly NumberFormat BFloat16 = new("BF16", 2, WidenBFloat16);

    private readonly Decoder? _decode;

    private NumberFormat(string name, int width, Decoder? decode) => (Name, Width, _decode) = (name, width, decode);

    private delegate void Decoder(ReadOnlySpan<byte> bytes, Span<float> values);

    public string Name { get; }

    /// <summary>Bytes a number.</summary>
    public int Width { get; }

    /// <summary>False for integers: counters that no weight is made of.</summary>
    public bool IsFloat => _decode is not null;

    public static NumberFormat Integer(int width) => new($"I{8 * width}", width, null);

    /// <summary>Fills <paramref name="values"/> from as many stored numbers.</summary>
    public void Decode(ReadOnlySpan<byte> bytes, Span<float> values) => _decode!(bytes[..(values.Length * Width)], values);

    /// <summary>A bfloat16 is the upper half of a 32-bit float.</summary>
    private static void WidenBFloat16(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
        var words = MemoryMarshal.Cast<float, uint>(values);
        for (var i = 0; i < halves.Length; i++) words[i] = (uint)halves[i] << 16;
    }
}
