using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Cache;
using MLNet.Devise.Labels.Files;
using MLNet.Devise.Tests.Labels.Cache;
using MLNet.Devise.Tests.Labels.FastText;

namespace MLNet.Devise.Tests.Labels;

/// <summary>
/// Four thousand damaged word-vector files of every kind: each is read, or refused with a message of ours that names the file; no memory is
/// taken that the file does not justify, and what is read can be used.
/// </summary>
public sealed class DamagedVectorsTests : IDisposable
{
    private const int Words = 60, Dimension = 8;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("vec", 500), InlineData("glove", 300), InlineData("word2vec", 500), InlineData("skipgram.bin", 700), InlineData("supervised.ftz", 150), InlineData("cache", 450), InlineData("forged cache", 700), InlineData("forged int8", 350), InlineData("vec.gz", 250), InlineData("vec.zip", 250)]
    public void Damaged_files_are_read_or_refused(string kind, int times)
    {
        var original = Original(kind);
        var (random, refused, path) = (new Random(29), 0, _folder["damaged"]);
        for (var i = 0; i < times; i++)
        {
            var bytes = Damage(original, random);
            if (kind.StartsWith("forged", StringComparison.Ordinal)) Sign(original, bytes);
            File.WriteAllBytes(path, bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try { Use(path); }
            catch (DeviseInputException error)
            {
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\0', error.Message);
                refused++;
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException) { Assert.Fail($"case {i}: {error}"); }
            // Pieces of a megabyte and their window; the files have some kilobytes.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 24 << 20);
        }
        // Most damage to text is a bad row or two.
        Assert.InRange(refused, kind == "glove" ? 1 : times / 20, times);
    }

    public void Dispose() => _folder.Dispose();

    private void Use(string path)
    {
        using var words = WordVectors.Open(path);
        if (words is VectorCache cache)
        {
            // What a forger signed may still be nonsense; only verify looks at all of it.
            try { cache.Verify(); } catch (DeviseInputException error) { Assert.Contains(path, error.Message, StringComparison.Ordinal); }
        }
        Assert.InRange(words.Count, 1, 1000);
        var (vector, unit) = (new float[words.Dimension], new float[words.Dimension]);
        vector[0] = 1;
        var nearest = words.Nearest(vector, 5);
        Assert.All(nearest, pair => Assert.False(float.IsNaN(pair.Cosine)));
        for (var row = 0; row < words.Count; row++)
        {
            words.Read(row, vector);
            Assert.True(words.IndexOf(words.Word(row)) >= -1 && words.Rank(row) >= 0 && words.Frequency(row) is >= 0 and <= 1);
        }
        new PhraseFinder(words, new()).TryFind("w7+wörd", unit, out _);
        Spelling.Near(["wörd"], path, 3);
        using var reader = VectorReader.Open(path);
        CacheWriter.Write(reader, _folder["again.cache"], CachePrecision.Int8, null, default);
    }

    private byte[] Original(string kind)
    {
        if (kind.Contains(".bin", StringComparison.Ordinal) || kind.Contains(".ftz", StringComparison.Ordinal)) return File.ReadAllBytes(FastTextModelTests.Fixture(kind));
        var random = new Random(2);
        var rows = Enumerable.Range(0, Words).Select(i => ($"w{i}ö", Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() - 0.5f).ToArray())).ToArray();
        var text = Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => $"{row.Item1} {string.Join(' ', row.Item2.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}\n")));
        byte[] header = Encoding.ASCII.GetBytes($"{Words} {Dimension}\n"), vec = [.. header, .. text];
        File.WriteAllBytes(_folder["v.vec"], vec);
        switch (kind)
        {
            case "glove": return text;
            case "word2vec": return [.. header, .. rows.SelectMany(row => (byte[])[.. Encoding.UTF8.GetBytes(row.Item1 + " "), .. MemoryMarshal.AsBytes(row.Item2.AsSpan()), (byte)'\n'])];
            case "vec.gz":
                using (var gzip = new GZipStream(File.Create(_folder["v.gz"]), CompressionLevel.Optimal)) gzip.Write(vec);
                return File.ReadAllBytes(_folder["v.gz"]);
            case "vec.zip":
                using (var zip = ZipFile.Open(_folder["v.zip"], ZipArchiveMode.Create)) zip.CreateEntryFromFile(_folder["v.vec"], "v.vec");
                return File.ReadAllBytes(_folder["v.zip"]);
            case "vec": return vec;
            default:
                using (var reader = VectorReader.Open(_folder["v.vec"])) CacheWriter.Write(reader, _folder["v.cache"], kind.EndsWith("int8", StringComparison.Ordinal) ? CachePrecision.Int8 : CachePrecision.Fp32, null, default);
                return File.ReadAllBytes(_folder["v.cache"]);
        }
    }

    /// <summary>Makes the checksums of a damaged cache fit as far as its parts can still be told.</summary>
    private void Sign(byte[] original, byte[] bytes)
    {
        if (bytes.Length < CacheLayout.HeaderBytes || !bytes.AsSpan().StartsWith(CacheLayout.Magic)) return;
        File.WriteAllBytes(_folder["original"], original);
        var layout = VectorCacheTests.Layout(_folder["original"]);
        if (bytes.Length > layout.RowsEnd) VectorCacheTests.Sign(bytes, layout);
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            // Half of all damage goes to the beginning, where the numbers are that a file is laid out by.
            var at = random.Next(2) == 0 ? random.Next(Math.Min(bytes.Count, 160)) : random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 30), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: for (var i = 0; i < length; i++) bytes[at + i] = 0xFF; break;
                case 3: for (var i = 0; i < length; i++) bytes[at + i] = 0; break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 5: if (at > 50) bytes.RemoveRange(at, bytes.Count - at); break;
                default: if (bytes.Count > 50) bytes.RemoveRange(at, length); break;
            }
        }
        return [.. bytes];
    }
}
