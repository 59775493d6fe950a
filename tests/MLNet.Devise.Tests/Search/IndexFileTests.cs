using System.Runtime.InteropServices;
using MLNet.Devise.Search;

namespace MLNet.Devise.Tests.Search;

public sealed class IndexFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<VectorIndexKind, VectorStorage, IndexLoading> Kinds()
    {
        var data = new TheoryData<VectorIndexKind, VectorStorage, IndexLoading>();
        foreach (var kind in (VectorIndexKind[])[VectorIndexKind.Exact, VectorIndexKind.Hnsw])
            foreach (var storage in Enum.GetValues<VectorStorage>())
                foreach (var loading in Enum.GetValues<IndexLoading>()) data.Add(kind, storage, loading);
        return data;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void What_is_opened_is_what_was_saved(VectorIndexKind kind, VectorStorage storage, IndexLoading loading)
    {
        using var index = Build(kind, storage);
        index.Remove(["id3", "id77"]);
        index.Add(["id5", "new"], Units.Random(2, 24, seed: 9));
        index.Model = new("bundle", "ab12", "words.vec", new(["cat", "polar+bear"], Units.Random(2, 24, 4)));
        index.Save(_folder["a.index"]);
        using var opened = VectorIndex.Open(_folder["a.index"], new() { Loading = loading, Verify = true });

        AssertSame(index, opened);
        Assert.Equal(index.Options with { Threads = null }, opened.Options);
        Assert.Equal(("ab12", "words.vec"), (opened.Model!.Sha256, opened.Model.Vectors));
        Assert.Equal(index.Model.Labels.Names, opened.Model.Labels.Names);
        for (var i = 0; i < 48; i++) Assert.Equal(index.Model.Labels.Vectors[i], opened.Model.Labels.Vectors[i], 1e-6f);

        // The same goes on with both.
        foreach (var each in (VectorIndex[])[index, opened])
        {
            Assert.Equal(2, each.Remove(["new", "id9", "id3"]));
            each.Add([.. Enumerable.Range(0, 1500).Select(i => $"more{i}")], Units.Random(1500, 24, seed: 10));
            Assert.Equal(1997, each.Count);
        }
        AssertSame(index, opened);
        opened.Model = index.Model;
        opened.Save(_folder["b.index"]);
        index.Save(_folder["c.index"]);
        Assert.Equal(File.ReadAllBytes(_folder["c.index"]), File.ReadAllBytes(_folder["b.index"]));
    }

    [Theory, InlineData(VectorIndexKind.Exact), InlineData(VectorIndexKind.Hnsw)]
    public void An_empty_index_can_be_kept_and_filled(VectorIndexKind kind)
    {
        using (var empty = VectorIndex.Create([], [], 24, new() { Kind = kind })) empty.Save(_folder["empty.index"]);
        using var opened = VectorIndex.Open(_folder["empty.index"]);
        Assert.Empty(opened.Search(Units.Random(1, 24, 1), 5));
        opened.Add(["a"], Units.Random(1, 24, 1));
        Assert.Equal("a", opened.Search(Units.Random(1, 24, 1), 5).Single().Id);
        opened.Save(_folder["empty.index"]);
        using var again = VectorIndex.Open(_folder["empty.index"]);
        Assert.Equal(["a"], again.Ids);
    }

    [Fact]
    public void Rebuilding_drops_what_was_removed()
    {
        using var index = Build(VectorIndexKind.Hnsw, VectorStorage.Int8);
        index.Remove(index.Ids.Take(200).ToArray());
        Assert.True(index.RebuildAdvised);
        using var rebuilt = index.Rebuild();
        Assert.Equal((300, 0, false), (rebuilt.Count, rebuilt.Removed, rebuilt.RebuildAdvised));
        Assert.Equal(index.Ids, rebuilt.Ids);
    }

    [Fact]
    public void Ids_cannot_be_taken_from_an_index_that_was_disposed()
    {
        using (var index = Build(VectorIndexKind.Hnsw, VectorStorage.Int8)) index.Save(_folder["a.index"]);
        var opened = VectorIndex.Open(_folder["a.index"]);
        using var ids = opened.Ids.GetEnumerator();
        Assert.True(ids.MoveNext());
        opened.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ids.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => opened.Rebuild());
        Assert.Throws<ObjectDisposedException>(() => ((HnswIndex)opened).Calibrate(Units.Random(1, 24, 1), 0.9));
    }

    [Theory, InlineData(IndexLoading.Mapped), InlineData(IndexLoading.Resident), InlineData(IndexLoading.Whole)]
    public void Damage_gets_no_fresh_checksums(IndexLoading loading)
    {
        using (var index = Build(VectorIndexKind.Exact, VectorStorage.Fp32)) index.Save(_folder["a.index"]);
        var (bytes, vector) = (File.ReadAllBytes(_folder["a.index"]), new float[24]);
        using (var index = VectorIndex.Open(_folder["a.index"])) Assert.True(index.TryGet("id9", vector));
        bytes[bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes<float>(vector))] ^= 1;
        File.WriteAllBytes(_folder["a.index"], bytes);

        using var opened = VectorIndex.Open(_folder["a.index"], new() { Loading = loading });
        opened.Add(["new"], Units.Random(1, 24, 1));
        Assert.Contains("Vectors does not match its checksum", Assert.Throws<DeviseInputException>(() => opened.Save(_folder["b.index"])).Message, StringComparison.Ordinal);
        Assert.Contains("damaged", Assert.Throws<DeviseInputException>(() => opened.Rebuild()).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["b.index"]));
    }

    [Fact]
    public void A_model_that_no_file_can_hold_is_refused()
    {
        using var index = Build(VectorIndexKind.Exact, VectorStorage.Fp32);
        Assert.Contains("24", Assert.Throws<DeviseInputException>(() => index.Model = Model(12, "cat")).Message, StringComparison.Ordinal);
        Assert.Contains("no name", Assert.Throws<DeviseInputException>(() => index.Model = Model(24, "")).Message, StringComparison.Ordinal);
        foreach (var bundle in (string[])["", "a\0b"])
            Assert.Contains("folder's path", Assert.Throws<DeviseInputException>(() => index.Model = Model(24, "cat") with { Bundle = bundle }).Message, StringComparison.Ordinal);
        Assert.Null(index.Model);
        // In JSON each of these is six characters.
        index.Model = Model(24, new string('+', 11_500_000));
        Assert.Contains("fewer labels", Assert.Throws<DeviseInputException>(() => index.Save(_folder["a.index"])).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["a.index"]));

        static IndexModel Model(int dimension, string label) => new("bundle", "ab", "words.vec", new([label], Units.Random(1, dimension, 1)));
    }

    [Theory, InlineData(VectorIndexKind.Exact), InlineData(VectorIndexKind.Hnsw)]
    public void Room_made_for_vectors_that_did_not_come_is_not_saved(VectorIndexKind kind)
    {
        using var index = Build(kind, VectorStorage.Int8);
        // As after memory ran out in the middle of adding.
        index.Rows.Vectors.Grow(520);
        index.Rows.Codes!.Grow(510);
        index.Save(_folder["a.index"]);
        using var opened = VectorIndex.Open(_folder["a.index"], new() { Verify = true });
        AssertSame(index, opened);
    }

    public void Dispose() => _folder.Dispose();

    internal static VectorIndex Build(VectorIndexKind kind, VectorStorage storage, int rows = 500) =>
        VectorIndex.Create(Units.Ids(rows), Units.Clustered(rows, 24, clusters: 10, seed: 8), 24, new() { Kind = kind, Storage = storage, M = 8, EfConstruction = 30, Ef = 9, Seed = 3 });

    private static void AssertSame(VectorIndex expected, VectorIndex index)
    {
        Assert.Equal((expected.Count, expected.Removed), (index.Count, index.Removed));
        Assert.Equal(expected.Ids, index.Ids);
        var (queries, a, b) = (Units.Random(20, 24, seed: 6), new float[24], new float[24]);
        for (var q = 0; q < 20; q++) Assert.Equal(expected.Search(queries.AsSpan(q * 24, 24), 7), index.Search(queries.AsSpan(q * 24, 24), 7));
        foreach (var id in (string[])["id0", "id5", "new", "id3", "none"])
        {
            Assert.Equal(expected.TryGet(id, a), index.TryGet(id, b));
            Assert.Equal(a, b);
        }
    }
}
