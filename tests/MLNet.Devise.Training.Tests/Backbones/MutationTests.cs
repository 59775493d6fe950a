using System.IO.Compression;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Tests.Backbones.Pth;

namespace MLNet.Devise.Training.Tests.Backbones;

/// <summary>Thousands of damaged files: each is read or refused with a message, nothing else happens, and memory stays in proportion.</summary>
public sealed class MutationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("zip.pth"), InlineData("legacy.pth"), InlineData("legacy4.pth"), InlineData("safetensors")]
    public void Damaged_files_are_read_or_refused(string name)
    {
        var original = name == "safetensors" ? OfThreeFormats() : File.ReadAllBytes(Containers.Fixture(name));
        var refused = Try(1000, random => Mutate(original, random));
        Assert.InRange(refused, 100, 1000);
    }

    /// <summary>In a zip a checksum stands guard over the pickle; here the attacker has written a new one.</summary>
    [Theory]
    [InlineData("zip.pth"), InlineData("zip4.pth")]
    public void Damaged_pickles_with_right_checksums_are_read_or_refused(string name)
    {
        using var zip = ZipFile.OpenRead(Containers.Fixture(name));
        var entries = zip.Entries.ToDictionary(entry => entry.FullName.Split('/', 2)[1], entry =>
        {
            using var stream = entry.Open();
            var bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
        entries.Remove("data.pkl", out var pickle);
        var others = entries.Select(entry => (entry.Key, entry.Value)).ToArray();
        var refused = Try(1000, random => File.ReadAllBytes(Containers.Zip(_folder, Mutate(pickle!, random), others)));
        Assert.InRange(refused, 100, 1000);
    }

    public void Dispose() => _folder.Dispose();

    private int Try(int times, Func<Random, byte[]> make)
    {
        var (random, refused) = (new Random(17), 0);
        var path = _folder["damaged"];
        for (var i = 0; i < times; i++)
        {
            var bytes = make(random);
            File.WriteAllBytes(path, bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try { WeightsFile.Read(path); }
            catch (DeviseInputException error)
            {
                Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception error) { Assert.Fail($"case {i}: {error}"); }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= 2 * bytes.Length + (1 << 20), $"case {i}: {allocated:N0} bytes allocated for a file of {bytes.Length:N0}");
        }
        return refused;
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            // Most of a file is numbers, which may be anything; what describes them is at the ends.
            var at = random.Next(3) switch { 0 => random.Next(bytes.Count), 1 => random.Next(Math.Min(bytes.Count, 1500)), _ => bytes.Count - 1 - random.Next(Math.Min(bytes.Count, 1500)) };
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: for (var i = 0; i < Math.Min(8, length); i++) bytes[at + i] = random.Next(2) == 0 ? (byte)0xFF : (byte)0x7F; break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: if (bytes.Count > 50) bytes.RemoveRange(at, length); break;
                case 5: bytes[at] = (byte)"(tQRsue}])qhX.\x80\x8a"[random.Next(16)]; break;
                default: if (random.Next(4) == 0 && at > 0) bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }
        return [.. bytes];
    }

    private static byte[] OfThreeFormats()
    {
        var header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[4],"data_offsets":[16,24]},"c":{"dtype":"BF16","shape":[2,1,2],"data_offsets":[24,32]}}"""u8;
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[32]];
    }
}
