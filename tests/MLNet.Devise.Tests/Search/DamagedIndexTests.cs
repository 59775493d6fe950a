using System.Buffers.Binary;
using System.IO.Hashing;
using MLNet.Devise.Search;
using MLNet.Devise.Search.Files;

namespace MLNet.Devise.Tests.Search;

/// <summary>
/// Thousands of damaged index files: each is refused with a message that names the file, or can be used; the process lives on and takes no
/// more memory than such a file may need. In half of them all checksums are made right again, as an attacker would.
/// </summary>
public sealed class DamagedIndexTests : IDisposable
{
    private const int Times = 700, Rows = 150, Dimension = 12;
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(VectorIndexKind.Exact, VectorStorage.Fp32, 1), InlineData(VectorIndexKind.Exact, VectorStorage.Int8, 2)]
    [InlineData(VectorIndexKind.Hnsw, VectorStorage.Fp32, 3), InlineData(VectorIndexKind.Hnsw, VectorStorage.Int8, 4)]
    public void Damaged_files_are_refused_or_used(VectorIndexKind kind, VectorStorage storage, int seed)
    {
        var (random, path, vectors) = (new Random(seed), _folder["damaged.index"], Units.Clustered(Rows, Dimension, 5, seed));
        vectors.AsSpan(0, Dimension).CopyTo(vectors.AsSpan(Dimension));
        using (var index = VectorIndex.Create(Units.Ids(Rows), vectors, Dimension, new() { Kind = kind, Storage = storage, M = 4, EfConstruction = 8, Ef = 2 }))
        {
            index.Remove(["id7"]);
            index.Model = new("bundle", "ab", "words.vec", new(["cat", "dog"], Units.Random(2, Dimension, 1)));
            index.Save(path);
        }
        var (original, refused, most) = (File.ReadAllBytes(path), 0, 0L);
        for (var i = 0; i < Times; i++)
        {
            var damaged = Damage(original, random);
            if (i % 2 == 1) Vouch(damaged);
            File.WriteAllBytes(path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var index = VectorIndex.Open(path, new() { Loading = (IndexLoading)random.Next(3), Verify = random.Next(4) == 0 });
                Use(index);
            }
            catch (DeviseInputException error)
            {
                Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception error) { Assert.Fail($"case {i}: {error}"); }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.InRange(refused, Times / 5, Times);
        Assert.InRange(most, 0, 100L * original.Length);
    }

    [Theory, InlineData(0), InlineData(7), InlineData(63), InlineData(64), InlineData(500)]
    public void What_is_no_index_is_refused(int length)
    {
        File.WriteAllBytes(_folder["none"], [.. "DEVISEIX"u8.ToArray().Concat(new byte[600]).Take(length)]);
        Assert.Contains(_folder["none"], Assert.Throws<DeviseInputException>(() => VectorIndex.Open(_folder["none"])).Message);
        Assert.Contains("no such index", Assert.Throws<DeviseInputException>(() => VectorIndex.Open(_folder["nowhere"])).Message);
        Assert.Contains("a folder", Assert.Throws<DeviseInputException>(() => VectorIndex.Open(_folder.Path)).Message);
    }

    [Fact]
    public void A_path_that_is_none_is_damage()
    {
        var path = _folder["a.index"];
        using (var index = VectorIndex.Create(["a"], [1, 0], 2))
        {
            index.Model = new(_folder["b23456"], "ab", "words.vec", new(["cat"], [1, 0]));
            index.Save(path);
        }
        var bytes = File.ReadAllBytes(path);
        @"\u0000"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("\"bundleFromHere\":\"b23456"u8) + "\"bundleFromHere\":\""u8.Length));
        Vouch(bytes);
        File.WriteAllBytes(path, bytes);
        Assert.Contains("bundle's path is none: the index is damaged", Assert.Throws<DeviseInputException>(() => VectorIndex.Open(path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Use(VectorIndex index)
    {
        var queries = Units.Random(3, index.Dimension, 5);
        for (var q = 0; q < 3; q++)
        {
            var query = queries.AsSpan(q * index.Dimension, index.Dimension);
            Assert.InRange(index.Search(query, 2).Count, 0, 2);
            index.Search(query, 5, new() { Where = id => id.Length > 2, Ef = 3 });
            index.SearchWithin(query, 0.5f);
        }
        var vector = new float[index.Dimension];
        foreach (var id in index.Ids.Take(Rows)) index.TryGet(id, vector);
        index.Remove(["id3", "id4"]);
        index.Add(["id5", "new"], queries.AsSpan(0, 2 * index.Dimension));
        index.Search(queries.AsSpan(0, index.Dimension), 1);
        index.Save(_folder["again.index"]);
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            // The head, the header and the last sections are small and matter most.
            var at = random.Next(4) switch { 0 => random.Next(IndexLayout.FrameBytes + 13 * IndexLayout.EntryBytes), 1 => random.Next(1200), _ => random.Next(bytes.Count) };
            var length = Math.Min(random.Next(1, 30), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: for (var i = 0; i < length; i++) bytes[at + i] = 0xFF; break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: for (var i = 0; i < length; i++) bytes[at + i] = (byte)random.Next(256); break;
                default: if (bytes.Count > 1500) bytes.RemoveRange(at, Math.Min(length, bytes.Count - 1400)); break;
            }
            if (bytes.Count < 1400) bytes.AddRange(new byte[1400 - bytes.Count]);
        }
        return [.. bytes];
    }

    /// <summary>Writes the checksums that such a file would have.</summary>
    private static void Vouch(byte[] file)
    {
        var count = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)), 13);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), file.Length);
        for (var i = 0; i < count; i++)
        {
            var entry = file.AsSpan(IndexLayout.FrameBytes + i * IndexLayout.EntryBytes, IndexLayout.EntryBytes);
            var (offset, length) = (BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
            if (offset < 0 || length < 0 || offset > file.Length - length) continue;
            BinaryPrimitives.WriteUInt64LittleEndian(entry[24..], XxHash3.HashToUInt64(file.AsSpan((int)offset, (int)length)));
        }
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), XxHash3.HashToUInt64(file.AsSpan(IndexLayout.FrameBytes, count * IndexLayout.EntryBytes)));
    }
}
