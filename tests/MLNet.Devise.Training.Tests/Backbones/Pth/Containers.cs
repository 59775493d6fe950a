using System.IO.Compression;
using MLNet.Devise.Tests;

namespace MLNet.Devise.Training.Tests.Backbones.Pth;

/// <summary>Puts pickles and numbers into the two kinds of .pth file.</summary>
internal static class Containers
{
    private static readonly byte[] Magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Backbones", "Fixtures", name);

    public static string Zip(TemporaryFolder folder, byte[] pickle, params (string Name, byte[] Bytes)[] entries) => Zip(folder, pickle, CompressionLevel.NoCompression, entries);

    public static string Zip(TemporaryFolder folder, byte[] pickle, CompressionLevel level, params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = File.Create(folder["crafted.pth"]);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        foreach (var (name, bytes) in entries.Prepend(("data.pkl", pickle)))
        {
            using var entry = zip.CreateEntry($"crafted/{name}", level).Open();
            entry.Write(bytes);
        }
        return stream.Name;
    }

    public static string Legacy(TemporaryFolder folder, byte[] pickle, params float[] numbers)
    {
        var keys = new PickleBytes().Op("]").Text("0").Op("a").End();
        File.WriteAllBytes(folder["crafted.pth"], [
            .. Magic, .. new PickleBytes().Number(1001).End(), .. new PickleBytes().Op("}").End(), .. pickle, .. keys,
            .. BitConverter.GetBytes((long)numbers.Length), .. numbers.SelectMany(BitConverter.GetBytes)]);
        return folder["crafted.pth"];
    }

    public static byte[] Floats(params float[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];
}
