using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>
/// What torch.save wrote before PyTorch 1.6: pickles of a magic number, a version, the machine, the object and the list of storage keys,
/// then each storage's length and numbers.
/// </summary>
internal static class LegacyPth
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("01950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public static PthContent Open(FileStream stream)
    {
        var storages = new PickledStorages(stream.Length);
        object? Next() => new PickleReader(stream, stream.Length, storages.Describe).Read();

        if (Next() is not BigInteger magic || magic != Magic) throw new InvalidDataException("it is a pickle, but not PyTorch's; expected the weights as .safetensors or .pth");
        if (Next() is not Version) throw new InvalidDataException($"it is not of PyTorch's file version {Version}; save the weights again with a current PyTorch");
        Next(); // sizes of C's types on the machine that wrote it; the storages say their own
        var root = Next();
        if (Next() is not PickledList keys) throw Bad("it has no list of storages");

        var starts = new Dictionary<string, long>(StringComparer.Ordinal);
        Span<byte> prefix = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !storages.ByKey.TryGetValue(name, out var storage)) throw Bad("its list of storages names one that no tensor has");
            stream.ReadExactly(prefix);
            if (BinaryPrimitives.ReadInt64LittleEndian(prefix) != storage.Count) throw Bad($"storage '{name}' has another length than its tensors say");
            if (storage.Bytes > stream.Length - stream.Position) throw new EndOfStreamException();
            if (!starts.TryAdd(name, stream.Position)) throw Bad($"storage '{name}' is there twice");
            stream.Position += storage.Bytes;
        }
        return new(root, storage => starts.TryGetValue(storage.Key, out var start) ? start : throw Bad($"storage '{storage.Key}' is not in it"));
    }

    private static InvalidDataException Bad(string what) => new($"{what}; the file is damaged");
}
