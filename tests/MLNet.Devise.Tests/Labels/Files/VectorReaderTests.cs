using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Tests.Labels.Files;

public sealed class VectorReaderTests : IDisposable
{
    private static readonly (string Word, float[] Values)[] Rows = Draw(300, 20, 5);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Kinds => new([.. from kind in (string[])["vec", "glove", "word2vec"] from packing in (string[])["", "gz", "zip"] select (kind, packing)]);

    [Theory, MemberData(nameof(Kinds))]
    public void Every_kind_gives_the_same_words_by_its_content_whatever_its_name(string kind, string packing)
    {
        var path = Pack(Write(kind, Rows), packing);
        using var words = WordVectors.Open(path);
        Assert.Equal(Rows.Select(row => row.Word), words.Words);
        var vector = new float[20];
        foreach (var (word, values) in Rows)
        {
            Assert.True(words.TryGet(word, vector));
            Assert.Equal(values, vector);
        }
        using var some = WordVectors.Open(path, word => word == Rows[7].Word);
        Assert.Equal((Rows[7].Word, 7), (Assert.Single(some.Words), some.Rank(0)));
        Assert.Equal(words.Frequency(7), some.Frequency(0), 1e-12);
    }

    [Fact]
    public void Many_threads_read_what_a_plain_loop_reads()
    {
        // Some megabytes: pieces of the file are parsed side by side, and lines are cut at their borders.
        var random = new Random(3);
        using (var writer = new StreamWriter(_folder["big.vec"], false, new UTF8Encoding(false)))
        {
            writer.Write("\uFEFF9000 30\n");
            for (var i = 0; i < 9000; i++)
            {
                var values = Enumerable.Range(0, 30).Select(_ => ((random.NextDouble() - 0.5) * 3).ToString(i % 3 == 0 ? "F4" : "R", CultureInfo.InvariantCulture)).ToList();
                if (i % 700 == 5) values[random.Next(30)] = "nan";
                if (i % 1100 == 9) values.RemoveAt(3);
                if (i % 900 == 2) writer.Write("\r\n");
                writer.Write($"{(i % 500 == 1 ? $". {i} ö ." : $"wörd{i}")} {string.Join(' ', values)}{(i % 7 == 0 ? " \r\n" : "\n")}");
            }
        }
        var (rows, bad) = NaiveVec.Read(_folder["big.vec"], 30, header: true);
        using var words = WordVectors.Open(_folder["big.vec"]);
        Assert.Equal(rows.Select(row => row.Word), words.Words);
        Assert.Equal(bad.Count, words.BadRows);
        Assert.Equal(bad.Take(20).Select(line => $"{_folder["big.vec"]}:{line}"), words.Remarks.Select(remark => remark[..remark.IndexOf(": ", StringComparison.Ordinal)]));
        var vector = new float[30];
        for (var i = 0; i < rows.Count; i++)
        {
            words.Read(i, vector);
            Assert.Equal(rows[i].Values, vector);
        }
    }

    [Fact]
    public void Words_alone_are_read_without_looking_at_values()
    {
        using var reader = VectorReader.Open(_folder.Write("v.vec", "2 2\na x y\nb 1 2\n"), values: false);
        Assert.True(reader.TryRead(out var batch));
        Assert.Equal(["a", "b"], [batch.Word(0), batch.Word(1)]);
        Assert.True(batch.Vector(0).IsEmpty);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void A_file_of_an_archive_of_several_is_named_by_a_path_into_it()
    {
        using (var zip = ZipFile.Open(_folder["glove.6B.zip"], ZipArchiveMode.Create))
            foreach (var name in (string[])["glove.6B.2d.txt", "sub/glove.6B.3d.txt"])
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(name.Contains('2') ? "the 1 2\ncat 3 4\n" : "the 1 2 3\ncat 4 5 6\n");
            }
        var path = _folder["glove.6B.zip"];
        Assert.Equal($"{path}: an archive of 2 files (glove.6B.2d.txt, sub/glove.6B.3d.txt), expected one; name it as {path}/glove.6B.2d.txt", Message(path));
        Assert.Equal(3, WordVectors.Open(path + "/sub/glove.6B.3d.txt").Dimension);
        Assert.Equal(2, WordVectors.Open(path + "/glove.6B.2d.txt").Dimension);
        Assert.Equal($"{path}: no 'x.txt' in it, it has glove.6B.2d.txt, sub/glove.6B.3d.txt", Message(path + "/x.txt"));
    }

    [Fact]
    public void What_is_no_file_of_word_vectors_is_refused_by_name()
    {
        Assert.Equal($"{_folder["none.vec"]}: no such word-vector file", Message(_folder["none.vec"]));
        Assert.Equal($"{_folder.Path}: a folder, expected a word-vector file", Message(_folder.Path));
        File.WriteAllBytes(_folder["a.png"], [0x89, .. "PNG\r\n"u8, 0x1A, .. new byte[100]]);
        Assert.StartsWith($"{_folder["a.png"]}:1: '·PNG', expected the header", Message(_folder["a.png"]), StringComparison.Ordinal);
        ZipFile.CreateFromDirectory(Directory.CreateDirectory(_folder["nothing"]).FullName, _folder["empty.zip"]);
        Assert.Contains("an archive without a file in it", Message(_folder["empty.zip"]), StringComparison.Ordinal);
    }

    [Theory, InlineData("gz"), InlineData("zip")]
    public void A_packed_file_that_is_cut_or_damaged_is_refused_by_name(string packing)
    {
        var path = Pack(Write("glove", Draw(4000, 20, 6)), packing);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.StartsWith(path, Message(path), StringComparison.Ordinal);
        for (var i = 0; i < 40; i++) bytes[bytes.Length / 2 + i] ^= 0x55;
        File.WriteAllBytes(path, bytes);
        Assert.StartsWith(path, Message(path), StringComparison.Ordinal);
    }

    [Theory, InlineData("glove"), InlineData("word2vec")]
    public void A_file_in_an_archive_that_is_not_as_it_was_packed_is_refused(string kind)
    {
        // Stored as it is, so that nothing but the checksum tells.
        var path = Store(Write(kind, [("wörd", [1.25f, 2.5f]), ("other", [3.25f, 4.5f])]));
        Assert.Equal(2, WordVectors.Open(path).Count);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("wörd"u8)] = (byte)'W';
        File.WriteAllBytes(path, bytes);
        Assert.Equal($"{path}: what was unpacked does not match the archive's checksum: it is damaged, fetch it again", Message(path));
    }

    [Theory, InlineData("glove"), InlineData("word2vec")]
    public void An_archive_that_promises_more_than_can_be_is_refused(string kind)
    {
        var path = Store(Write(kind, [("a", [1, 2])]));
        var bytes = File.ReadAllBytes(path).ToList();
        var directory = CollectionsMarshal.AsSpan(bytes).IndexOf("PK\x01\x02"u8);
        // The length goes into an extra field of 64 bits, behind the name.
        Put(directory + 24, 0xFFFFFFFF);
        bytes[directory + 30] = 12;
        bytes.InsertRange(directory + 46 + bytes[directory + 28], (byte[])[1, 0, 8, 0, .. BitConverter.GetBytes(long.MaxValue)]);
        var end = CollectionsMarshal.AsSpan(bytes).IndexOf("PK\x05\x06"u8);
        Put(end + 12, (uint)(end - directory));
        File.WriteAllBytes(path, [.. bytes]);
        Assert.Equal($"{path}: unpacks to more than 100 times its size, expected word vectors", Message(path));

        void Put(int at, uint value) => System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(CollectionsMarshal.AsSpan(bytes)[at..], value);
    }

    [Fact]
    public void A_small_file_that_would_unpack_to_a_huge_one_is_refused()
    {
        using (var zip = new GZipStream(File.Create(_folder["bomb.gz"]), CompressionLevel.SmallestSize))
        {
            zip.Write("the 1 2\n"u8);
            for (var i = 0; i < 200; i++) zip.Write(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a 1 2\n", 1 << 16))));
        }
        Assert.Contains("unpacks to more than 100 times its size", Message(_folder["bomb.gz"]), StringComparison.Ordinal);
    }

    [Fact]
    public void word2vec_rows_that_cannot_be_used_are_left_out_and_a_cut_file_is_refused()
    {
        var path = Write("word2vec", [("a", [1, 2]), ("b", [float.NaN, 1]), ("c", [3, 4])]);
        using var words = WordVectors.Open(path);
        Assert.Equal(["a", "c"], words.Words);
        Assert.Equal($"{path}:row 2: a value that is not a finite number; the row is left out", Assert.Single(words.Remarks));
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^4]);
        Assert.Contains("it is incomplete", Message(path), StringComparison.Ordinal);
        File.WriteAllBytes(path, [.. bytes, .. "more"u8]);
        Assert.Contains("more bytes after the 3 words", Message(path), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Message(string path) => Assert.Throws<DeviseInputException>(() => WordVectors.Open(path)).Message;

    private static (string, float[])[] Draw(int words, int dimension, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, words).Select(i => ($"wört{i}", Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f).ToArray()))];
    }

    /// <summary>Writes rows in a format, under a name that says nothing.</summary>
    private string Write(string kind, IReadOnlyList<(string Word, float[] Values)> rows)
    {
        var path = _folder[kind + ".dat"];
        using var stream = File.Create(path);
        if (kind != "glove") stream.Write(Encoding.ASCII.GetBytes($"{rows.Count} {rows[0].Values.Length}\n"));
        foreach (var (word, values) in rows)
        {
            stream.Write(Encoding.UTF8.GetBytes(word + " "));
            if (kind == "word2vec") stream.Write([.. MemoryMarshal.AsBytes(values.AsSpan()), (byte)'\n']);
            else stream.Write(Encoding.ASCII.GetBytes(string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "\n"));
        }
        return path;
    }

    /// <summary>Puts a file into an archive without packing it.</summary>
    private static string Store(string path)
    {
        using (var zip = ZipFile.Open($"{path}.zip", ZipArchiveMode.Create)) zip.CreateEntryFromFile(path, "inside.dat", CompressionLevel.NoCompression);
        return $"{path}.zip";
    }

    private static string Pack(string path, string packing)
    {
        if (packing.Length == 0) return path;
        var packed = path + ".packed";
        using var source = File.OpenRead(path);
        if (packing == "gz")
        {
            using var gzip = new GZipStream(File.Create(packed), CompressionLevel.Fastest);
            source.CopyTo(gzip);
        }
        else
        {
            using var zip = ZipFile.Open(packed, ZipArchiveMode.Create);
            using var entry = zip.CreateEntry("inside.dat").Open();
            source.CopyTo(entry);
        }
        return packed;
    }
}
