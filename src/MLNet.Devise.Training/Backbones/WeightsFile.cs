using System.Buffers.Binary;
using MLNet.Devise.Training.Backbones.Pth;

namespace MLNet.Devise.Training.Backbones;

/// <summary>Weights in any format that can be read. What a file is, its content says; its name may say anything.</summary>
internal static class WeightsFile
{
    /// <summary>
    /// All floating-point tensors of a .safetensors or PyTorch .pth file. Whatever the file claims, no code of it runs, and memory stays
    /// below twice its size and a constant.
    /// </summary>
    /// <exception cref="DeviseInputException">There is no such file, it is neither of the two, or it is damaged or asks for what weights do not need.</exception>
    public static IReadOnlyDictionary<string, NamedTensor> Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such weights file");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            Span<byte> start = stackalloc byte[9];
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            stream.Position = 0;
            // A header length may look like anything, also like a pickle's first bytes; the brace after it decides.
            if (start is [.., (byte)'{'] and { Length: 9 } && BinaryPrimitives.ReadUInt64LittleEndian(start) <= Safetensors.MaxHeader) return Safetensors.Read(stream);
            return start switch
            {
                [(byte)'P', (byte)'K', 3, 4, ..] => PthFile.Read(stream, ZipPth.Open),
                [0x80, >= 2 and <= 5, ..] => PthFile.Read(stream, LegacyPth.Open),
                [] => throw new InvalidDataException("the file is empty"),
                _ => throw new InvalidDataException($"its first bytes are {Convert.ToHexString(start)}{Guess(start)}, expected the weights as .safetensors, or as .pth of PyTorch 0.4 or newer"),
            };
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or OverflowException)
        {
            throw new DeviseInputException($"{path}: {(e is EndOfStreamException ? "it ends too early; the file is cut short" : e.Message)}", e);
        }
    }

    private static string Guess(ReadOnlySpan<byte> start) =>
        start.StartsWith("version "u8) ? " (a Git LFS pointer instead of the file itself?)"
        : start[0] == '<' ? " (a web page instead of the file?)"
        : "";
}
