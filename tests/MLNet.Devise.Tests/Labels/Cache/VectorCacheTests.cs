using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Cache;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Tests.Labels.Cache;

public sealed class VectorCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Whatever_the_text_says_the_cache_says_to_the_last_bit()
    {
        using var text = WordVectors.Open(Draw(5000, 12));
        using var cache = Import(text.Source, CachePrecision.Fp32);
        Assert.Equal(text.Words, cache.Words);
        var (expected, found) = (new float[12], new float[12]);
        for (var row = 0; row < text.Count; row++)
        {
            text.Read(row, expected);
            cache.Read(row, found);
            Assert.Equal(expected, found);
            Assert.Equal((row, text.Rank(row)), (cache.IndexOf(text.Word(row)), cache.Rank(row)));
            Assert.Equal(text.Frequency(row), cache.Frequency(row));
        }
        Assert.Equal(-1, cache.IndexOf("nowhere"));
        Assert.Equal(-1, cache.IndexOf(new string('x', 5000)));
        // Several thousand rows are scanned by several threads.
        text.Read(17, expected);
        Assert.Equal(text.Nearest(expected, 50), cache.Nearest(expected, 50));
        cache.Verify();
        Assert.Equal("v.vec, text with a header (fastText .vec, word2vec text)", cache.Note);
    }

    [Fact]
    public void A_byte_a_value_keeps_cosines_to_a_hundredth_and_nearest_words_are_those_of_a_plain_sort()
    {
        using var text = WordVectors.Open(Draw(5000, 40));
        using var cache = Import(text.Source, CachePrecision.Int8);
        cache.Verify();
        var (expected, found) = (new float[40], new float[40]);
        for (var row = 0; row < 100; row++)
        {
            text.Read(row, expected);
            cache.Read(row, found);
            var step = expected.Max(Math.Abs) / 127;
            for (var i = 0; i < 40; i++) Assert.InRange(found[i], expected[i] - step * 0.51f, expected[i] + step * 0.51f);
        }
        double Cosine(int row)
        {
            cache.Read(row, found);
            return found.Zip(expected, (a, b) => (double)a * b).Sum() / Math.Sqrt(found.Sum(a => (double)a * a) * expected.Sum(a => (double)a * a));
        }
        Assert.Equal(Enumerable.Range(0, 5000).OrderByDescending(Cosine).Take(10).Select(cache.Word), cache.Nearest(expected, 10).Select(pair => pair.Word));
        Assert.True(new FileInfo(cache.Source).Length < 5000 * (40 + 40));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Rows_too_long_or_too_short_for_a_number_are_whole_as_they_were_written(bool bytes)
    {
        using var cache = Import(_folder.Write("v.vec", "6 2\nlong 1e30 -2e30\nlonger 3e38 3e38\nlongest 3.4028235e38 -3.4028235e38\nshort 1e-30 2e-30\nshortest 1e-45 0\nox 3 4\n"), bytes ? CachePrecision.Int8 : CachePrecision.Fp32);
        cache.Verify();
        Assert.Equal("ox", cache.Nearest([3, 4], 1).Single().Word);
    }

    [Fact]
    public void Labels_come_out_of_a_cache_as_out_of_its_file()
    {
        var path = _folder.Write("v.vec", "6 2\nthe 1 1\ngrizzly_bear 3 4\npolar 5 0\nbear 0 2\nnone 0 0\nox 0 1\n");
        using (Import(path, CachePrecision.Fp32)) { }
        string[] names = ["grizzly+bear", "polar+bear", "ox"];
        var options = new PhraseOptions { Composition = PhraseComposition.Sif };
        var (from, cached) = (LabelSpace.FromVec(names, path, options), LabelSpace.FromVec(names, path + ".cache", options));
        Assert.Equal(from.Vectors.ToArray(), cached.Vectors.ToArray());
        Assert.Equal(from.Origins, cached.Origins);
        Assert.Equal(Distractors.Read(path, 10, names, null), Distractors.Read(path + ".cache", 10, names, null));
        Assert.Equal(LabelTransform.Fit(path, new() { Kind = LabelTransformKind.Centre })!.Mean.ToArray(), LabelTransform.Fit(path + ".cache", new() { Kind = LabelTransformKind.Centre })!.Mean.ToArray());
        Assert.Contains("'oxx' (near: ox)", Assert.Throws<DeviseInputException>(() => LabelSpace.FromVec(["oxx"], path + ".cache")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Some_words_keep_their_ranks_and_bad_and_repeated_rows_are_left_out()
    {
        var path = _folder.Write("v.vec", "7 1\nthe 1\nbad x\npolar 2\nbear 3\nbear 4\nof 5\nzebra 6\n");
        var wanted = PhraseFinder.Spellings(["polar+bear", "zebra"], new());
        using var reader = VectorReader.Open(path, wanted.Contains);
        Assert.Equal(3, CacheWriter.Write(reader, _folder["some.cache"], CachePrecision.Fp32, null, default));
        Assert.Equal((0, 1), (reader.Problems.Bad, reader.Problems.Duplicates));
        using var cache = WordVectors.Open(_folder["some.cache"]);
        using var whole = WordVectors.Open(path);
        Assert.Equal(["polar", "bear", "zebra"], cache.Words);
        Assert.Equal([2, 3, 6], Enumerable.Range(0, 3).Select(cache.Rank));
        Assert.Equal(whole.Frequency(whole.IndexOf("zebra")), cache.Frequency(2), 1e-12);
    }

    [Fact]
    public void Nothing_is_left_of_an_import_that_fails()
    {
        using var reader = VectorReader.Open(_folder.Write("v.vec", "3 1\na 1\nb 2\n"));
        Assert.Contains("the file ends after 2 words", Assert.Throws<DeviseInputException>(() => CacheWriter.Write(reader, _folder["x.cache"], CachePrecision.Fp32, null, default)).Message, StringComparison.Ordinal);
        using var other = VectorReader.Open(_folder.Write("w.vec", "1 1\na 1\n"), _ => false);
        Assert.Contains("none of the words wanted", Assert.Throws<DeviseInputException>(() => CacheWriter.Write(other, _folder["x.cache"], CachePrecision.Fp32, null, default)).Message, StringComparison.Ordinal);
        Assert.Equal(["v.vec", "w.vec"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_precision_that_does_not_exist_is_refused()
    {
        using var reader = VectorReader.Open(Draw(3, 2));
        Assert.Contains("precision: 7, expected fp32 or int8", Assert.Throws<DeviseInputException>(() => CacheWriter.Write(reader, _folder["c"], (CachePrecision)7, null, default)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["c"]));
    }

    [Fact]
    public void A_changed_row_is_found_by_verify_and_all_else_when_it_is_opened()
    {
        using (Import(Draw(50, 4), CachePrecision.Fp32)) { }
        var path = _folder["v.vec.cache"];
        var bytes = File.ReadAllBytes(path);
        Assert.Contains("its rows do not match their checksum", Change(path, bytes, CacheLayout.HeaderBytes + 10, verify: true), StringComparison.Ordinal);
        Assert.Contains("its tables do not match their checksum", Change(path, bytes, bytes.Length - 1), StringComparison.Ordinal);
        Assert.Contains("its header does not match its checksum", Change(path, bytes, 24), StringComparison.Ordinal);
        Assert.Contains("a vector cache of version 253, this program reads 2", Change(path, bytes, 8), StringComparison.Ordinal);
        File.WriteAllBytes(path, bytes[..^3]);
        Assert.Contains("it is incomplete, or was added to", Assert.Throws<DeviseInputException>(() => WordVectors.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forged_cache_with_right_checksums_is_refused_all_the_same()
    {
        using (Import(Draw(50, 4), CachePrecision.Fp32)) { }
        var (path, layout) = (_folder["v.vec.cache"], Layout(_folder["v.vec.cache"]));
        var bytes = File.ReadAllBytes(path);
        void Forge(string expected, long at, uint value)
        {
            var forged = bytes.ToArray();
            BinaryPrimitives.WriteUInt32LittleEndian(forged.AsSpan((int)at), value);
            Sign(forged, layout);
            File.WriteAllBytes(path, forged);
            Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => WordVectors.Open(path)).Message, StringComparison.Ordinal);
        }
        Forge("names that overlap", layout.Starts + 8, 0xFFFF_FFF0);
        Forge("names that leave their place", layout.Starts + 4 * 50, layout.NameBytes + 1);
        Forge("an index that points outside", layout.Order, 50);
        Forge("an index that points outside", layout.Order + 4, 0xFFFF_FFFF);
        Forge("out of range", 16, 0);
        Forge("out of range", 28, 0xFFFF);
        Forge("its header says", 24, 30);
        Forge("out of range", 12, 7);
    }

    public void Dispose() => _folder.Dispose();

    internal static CacheLayout Layout(string path)
    {
        using var mapped = new MappedFile(VectorFile.Find(path));
        return CacheCheck.Header(mapped);
    }

    /// <summary>Makes the checksums fit what the file says, as a forger would.</summary>
    internal static void Sign(byte[] bytes, CacheLayout layout)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(64), XxHash3.HashToUInt64(bytes.AsSpan((int)CacheLayout.Rows, (int)(layout.RowsEnd - CacheLayout.Rows))));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(72), Crc32C.Append(0, bytes.AsSpan((int)layout.RowsEnd)));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(CacheLayout.HashedHeader), XxHash3.HashToUInt64(bytes.AsSpan(0, CacheLayout.HashedHeader)));
    }

    private static string Change(string path, byte[] bytes, int at, bool verify = false)
    {
        var changed = bytes.ToArray();
        changed[at] ^= 0xFF;
        File.WriteAllBytes(path, changed);
        return Assert.Throws<DeviseInputException>(() =>
        {
            using var cache = VectorCache.Open(VectorFile.Find(path));
            if (verify) cache.Verify();
        }).Message;
    }

    private static VectorCache Import(string path, CachePrecision precision)
    {
        using (var reader = VectorReader.Open(path)) CacheWriter.Write(reader, path + ".cache", precision, null, default);
        return VectorCache.Open(VectorFile.Find(path + ".cache"));
    }

    private string Draw(int words, int dimension)
    {
        var random = new Random(9);
        return _folder.Write("v.vec", $"{words} {dimension}\n{string.Concat(Enumerable.Range(0, words).Select(i => $"{(char)('a' + random.Next(26))}{i}é {string.Join(' ', Enumerable.Range(0, dimension).Select(_ => (random.NextSingle() - 0.5f).ToString("R", CultureInfo.InvariantCulture)))}\n"))}");
    }
}
