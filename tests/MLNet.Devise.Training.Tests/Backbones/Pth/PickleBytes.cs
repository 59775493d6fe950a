using System.Text;

namespace MLNet.Devise.Training.Tests.Backbones.Pth;

/// <summary>Writes pickles opcode by opcode, also such as no Python would write.</summary>
internal sealed class PickleBytes
{
    private readonly List<byte> _bytes = [0x80, 2];

    public PickleBytes Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBytes Op(string opcodes) => Raw(Encoding.Latin1.GetBytes(opcodes));

    public PickleBytes Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleBytes Text(string text) => Op("X").Raw(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text))).Raw(Encoding.UTF8.GetBytes(text));

    public PickleBytes Number(long number) => Op("\x8a").Raw(8).Raw(BitConverter.GetBytes(number));

    public PickleBytes Numbers(params long[] numbers)
    {
        Op("(");
        foreach (var number in numbers) Number(number);
        return Op("t");
    }

    /// <summary>A tensor, as torch._utils._rebuild_tensor_v2 gets it.</summary>
    public PickleBytes Tensor(string key, long count, long offset, long[] shape, long[] strides, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Op("((").Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count).Op("tQ")
            .Number(offset).Numbers(shape).Numbers(strides).Op("\x89").Global("collections", "OrderedDict").Op(")RtR");

    public byte[] End() => [.. _bytes, (byte)'.'];

    /// <summary>A state_dict of one tensor, <c>w</c>.</summary>
    public static byte[] OneTensor(long count, long offset, long[] shape, long[] strides, string type = "FloatStorage") =>
        new PickleBytes().Op("}").Text("w").Tensor("0", count, offset, shape, strides, type).Op("s").End();
}
