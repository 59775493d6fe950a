using System.Runtime.InteropServices;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Learning.Squares;

namespace MLNet.Devise.Training.Tests.Learning.Squares;

public sealed class SquareStoreTests : IDisposable
{
    private const int Side = 9, Images = 20;
    private const ulong Stamp = 77;

    private readonly TemporaryFolder _folder = new();
    private readonly SquareFormat _format = new("/data", Side, ImageScaling.Stock);

    private string CachePath => _folder[_format.FileName];

    [Fact]
    public void What_was_written_is_read_in_this_process_and_in_the_next()
    {
        using (var store = Open())
        {
            Assert.Null(Read(store, "a"));
            Write(store, "a", "b");
            Assert.Equal(Square("a"), Read(store, "a"));
        }
        using var later = Open();
        Assert.Equal(2, later.Count);
        Assert.Equal(Square("a"), Read(later, "a"));
        Assert.Equal(Square("b"), Read(later, "b"));
        Assert.Null(Read(later, "c"));
    }

    [Fact]
    public void Memory_keeps_the_first_that_fit()
    {
        var room = _format.Length(Images, 3);
        using var store = SquareStores.InMemory(_format, room, Images);
        Write(store, "a", "b", "c", "d");
        Assert.Equal(3, store.Count);
        Assert.Equal(Square("c"), Read(store, "c"));
        Assert.Null(Read(store, "d"));
    }

    [Fact]
    public void The_file_stays_within_its_allowance_and_grows_with_it()
    {
        var room = _format.Length(1024, 3);
        using (var store = Open(room)) Write(store, "a", "b", "c", "d");
        Assert.InRange(new FileInfo(CachePath).Length, 1, room);
        using (var store = Open())
        {
            Assert.Null(Read(store, "d"));
            Write(store, "d", "e");
            foreach (var name in (string[])["a", "b", "c", "d", "e"]) Assert.Equal(Square(name), Read(store, name));
        }
        Assert.Null(SquareStores.TryOpen(_format with { Side = 8 }, _folder.Path, 100, Images, out var warning));
        Assert.Null(warning);
    }

    [Fact]
    public void A_file_that_has_changed_is_not_taken_from_the_cache_and_takes_its_old_place()
    {
        using var store = Open();
        Write(store, "a");
        Assert.Null(Read(store, "a", Stamp + 1));
        store.TryWrite("a", Stamp + 1, () => Square("new"));
        Assert.Equal(Square("new"), Read(store, "a", Stamp + 1));
        Assert.Null(Read(store, "a"));
        Assert.Equal(1, store.Count);
    }

    /// <summary>A process may be killed after any write, or between the bytes of one, and a power cut may keep the later one of two.</summary>
    [Fact]
    public void A_torn_square_is_never_used_wherever_it_was_torn()
    {
        using (var store = Open()) Write(store, "a", "b");
        var whole = File.ReadAllBytes(CachePath);
        var (entry, record) = (SquareFormat.HeaderBytes + SquareEntry.Bytes, (int)_format.Length(1024, 1));
        foreach (var (at, length) in ((int, int)[])[(entry, SquareEntry.Bytes), (record, _format.RecordBytes)])
        {
            for (var written = 0; written < length; written++)
            {
                var torn = (byte[])whole.Clone();
                torn.AsSpan(at + written, length - written).Clear();
                File.WriteAllBytes(CachePath, torn);
                using var store = Open();
                // The zeros may be what would have been there.
                var same = torn.AsSpan().SequenceEqual(whole);
                Assert.Equal(same ? Square("b") : null, Read(store, "b"));
                Assert.Equal(Square("a"), Read(store, "a"));
                Write(store, "b");
                Assert.Equal(Square("b"), Read(store, "b"));
            }
        }
    }

    [Fact]
    public void A_damaged_foreign_older_or_shortened_file_is_never_trusted()
    {
        using (var store = Open()) Write(store, "a", "b");
        var whole = File.ReadAllBytes(CachePath);
        for (var at = 0; at < 40; at++) Refused([.. whole[..at], (byte)(whole[at] ^ 0x55), .. whole[(at + 1)..]], $"byte {at} changed");
        foreach (var length in (int[])[0, 1, 39, 63, 64, 4096, (int)SquareFormat.RecordsAt(1024) - 1]) Refused(whole[..length], $"cut to {length}");
        Refused((_format with { Side = Side + 1 }).Header(1024).Concat(whole[64..]).ToArray(), "of another side");
        Refused((_format with { Folder = "/other" }).Header(1024).Concat(whole[64..]).ToArray(), "of another folder");
        Refused([.. _format.Header(SquareFormat.MaxSlots), .. whole[64..]], "says more slots than it has room for");
        Refused([.. _format.Header(-1), .. whole[64..]], "says less than no slots");

        // Cut within the records: the header is right, so what is whole is kept.
        File.WriteAllBytes(CachePath, whole[..(int)_format.Length(1024, 1)]);
        using var shorter = Open();
        Assert.Equal(Square("a"), Read(shorter, "a"));
        Assert.Null(Read(shorter, "b"));

        void Refused(byte[] content, string what)
        {
            File.WriteAllBytes(CachePath, content);
            using var store = Open();
            Assert.True(store.Count == 0 && Read(store, "a") is null, what);
            Write(store, "a");
            Assert.Equal(Square("a"), Read(store, "a"));
        }
    }

    [Fact]
    public void Random_damage_never_shows()
    {
        using (var store = Open()) Write(store, "a", "b", "c");
        var whole = File.ReadAllBytes(CachePath);
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var damaged = (byte[])whole.Clone();
            for (var i = 0; i < 40; i++) damaged[SquareFormat.HeaderBytes + random.Next((int)_format.Length(1024, 3) - SquareFormat.HeaderBytes)] = (byte)random.Next(256);
            random.NextBytes(damaged.AsSpan(SquareFormat.HeaderBytes, 3 * SquareEntry.Bytes)[random.Next(96)..]);
            File.WriteAllBytes(CachePath, damaged);
            using var store = Open();
            foreach (var name in (string[])["a", "b", "c"]) Assert.True(Read(store, name) is not { } read || read.SequenceEqual(Square(name)));
        }
    }

    [Fact]
    public void A_second_run_reads_what_the_first_has_written_and_writes_nothing()
    {
        using var first = Open();
        Write(first, "a");
        using (var second = SquareStores.TryOpen(_format, _folder.Path, long.MaxValue, Images, out var warning)!)
        {
            Assert.Contains("another run is writing", warning, StringComparison.Ordinal);
            Assert.Equal(Square("a"), Read(second, "a"));
            Write(second, "b");
            Assert.Null(Read(second, "b"));
            Write(first, "b");
            Assert.Equal(Square("b"), Read(second, "b"));
        }
        first.Dispose();
        using var third = Open();
        Assert.Equal(2, third.Count);
    }

    [Fact]
    public void Many_threads_at_once_see_whole_squares_only()
    {
        using var store = Open();
        string[] names = [.. Enumerable.Range(0, Images).Select(i => $"{i}")];
        Parallel.For(0, 4000, new() { MaxDegreeOfParallelism = 8 }, i =>
        {
            var (name, version) = (names[i % names.Length], (ulong)(i / names.Length % 3));
            if (Read(store, name, version) is { } read) Assert.Equal(Square($"{name} {version}"), read);
            else store.TryWrite(name, version, () => Square($"{name} {version}"));
        });
        Assert.Equal(Images, store.Count);
    }

    [Fact]
    public void Where_the_folder_cannot_be_used_a_reason_is_given()
    {
        _folder.Write("file", "x");
        Assert.Null(SquareStores.TryOpen(_format, _folder["file"], long.MaxValue, Images, out var warning));
        Assert.Contains("cannot be kept there", warning, StringComparison.Ordinal);
        Directory.CreateDirectory(CachePath);
        Assert.Null(SquareStores.TryOpen(_format, _folder.Path, long.MaxValue, Images, out warning));
        Assert.Contains("a folder, expected a file", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        Assert.Equal(SquareEntry.Bytes, Marshal.SizeOf<SquareEntry>());
        using (var store = Open()) Write(store, "a");
        var bytes = File.ReadAllBytes(CachePath);
        Assert.Equal("DEVISESQ"u8.ToArray(), bytes[..8]);
        Assert.Equal([SquareFormat.Version, Side, 0, 1024], MemoryMarshal.Cast<byte, int>(bytes.AsSpan(8, 16)).ToArray());
        Assert.Equal(Square("a"), bytes.AsSpan((64 + 1024 * 32 + 4095) / 4096 * 4096, Side * Side * 3).ToArray());
    }

    public void Dispose() => _folder.Dispose();

    private SquareStore Open(long allowance = long.MaxValue)
    {
        var store = SquareStores.TryOpen(_format, _folder.Path, allowance, Images, out var warning);
        Assert.Null(warning);
        return store!;
    }

    private static void Write(SquareStore store, params string[] names)
    {
        foreach (var name in names) store.TryWrite(name, Stamp, () => Square(name));
    }

    private static byte[]? Read(SquareStore store, string name, ulong stamp = Stamp)
    {
        byte[]? read = null;
        return store.TryRead(name, stamp, square => read = square.ToArray()) ? read : null;
    }

    private static byte[] Square(string name)
    {
        var square = new byte[Side * Side * 3];
        new Random(Devise.Data.StableHash.Seed(1, name)).NextBytes(square);
        return square;
    }
}
