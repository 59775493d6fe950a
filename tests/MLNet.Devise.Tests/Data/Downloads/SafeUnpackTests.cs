using System.IO.Compression;
using System.Text;
using MLNet.Devise.Data.Downloads;

namespace MLNet.Devise.Tests.Data.Downloads;

public sealed class SafeUnpackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<DownloadProgress> _progress = [];
    private long _free = 1L << 40;

    [Fact]
    public void Everything_comes_out_and_the_folder_appears_whole()
    {
        var archive = Zip(("root/a.txt", "one"), ("root/sub/b.txt", "two"), ("root/empty/", ""), ("__MACOSX/root/._a.txt", "junk"));
        Assert.Equal(_folder["out", "root"], Unpack(archive));
        Assert.Equal(("one", "two"), (File.ReadAllText(_folder["out", "root", "a.txt"]), File.ReadAllText(_folder["out", "root", "sub", "b.txt"])));
        Assert.True(Directory.Exists(_folder["out", "root", "empty"]));
        Assert.Equal(["root"], Directory.GetFileSystemEntries(_folder["out"]).Select(Path.GetFileName));
        Assert.Equal(_progress[^1].Bytes, _progress[^1].Total);
        Assert.Contains("there already", Assert.Throws<DeviseInputException>(() => Unpack(archive)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root/../../evil.txt"), InlineData("../evil.txt"), InlineData("/etc/evil.txt"), InlineData("root/..\\..\\evil.txt"), InlineData("C:/evil.txt"), InlineData("root//evil.txt"), InlineData("root/./evil.txt"), InlineData("root/e\u0001vil"), InlineData("root/a.txt:stream")]
    public void Names_that_lead_elsewhere_are_refused(string name) => Refused(Zip(("root/a.txt", "one"), (name, "evil")), "expected names that stay within the folder");

    [Fact]
    public void Links_files_beside_the_folder_and_names_twice_are_refused()
    {
        Refused(Zip(("root/a", "x"), ("other/b", "y")), "expected one folder with everything in it");
        Refused(Zip(("root/a", "x"), ("root/a", "y")), "root");
        var archive = Zip(("root/a", "/etc/passwd"));
        using (var zip = ZipFile.Open(archive, ZipArchiveMode.Update)) zip.Entries[0].ExternalAttributes = 0xA1FF << 16;
        Refused(archive, "'root/a' is a link");
    }

    [Fact]
    public void More_than_the_disk_has_or_than_can_be_meant_is_refused_before_the_first_byte()
    {
        _free = 1000;
        Refused(Zip(("root/a", new string('a', 2000))), "unpacks to 2,000 bytes, the disk has 1,000 free");
        _free = 1L << 40;
        Refused(Zip(("root/a", new string('a', 60 << 20))), "more than 200 times its size");
    }

    [Fact]
    public void A_damaged_file_leaves_nothing()
    {
        var archive = Zip(("root/a", "x"), ("root/b", Text(5000)));
        var bytes = File.ReadAllBytes(archive);
        for (var i = 0; i < 20; i++) bytes[400 + i] ^= 0x10;
        File.WriteAllBytes(archive, bytes);
        Refused(archive, archive);
    }

    [Fact]
    public void Hundreds_of_damaged_archives_are_unpacked_or_refused()
    {
        var original = File.ReadAllBytes(Zip(("root/a", Text(300)), ("root/sub/b", Text(200)), ("root/c/", "")));
        var (random, refused) = (new Random(5), 0);
        for (var i = 0; i < 400; i++)
        {
            var bytes = original.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_folder["damaged.zip"], bytes);
            try { Unpack(_folder["damaged.zip"]); }
            catch (IOException) { refused++; }
            // Only the archives and the folder given are there, and of a refused archive nothing.
            Assert.All(Directory.GetFileSystemEntries(_folder.Path), path => Assert.True(path.EndsWith(".zip", StringComparison.Ordinal) || path == _folder["out"]));
            if (Directory.Exists(_folder["out"])) Directory.Delete(_folder["out"], recursive: true);
        }
        Assert.InRange(refused, 100, 400);
    }

    [Fact]
    public void What_a_killed_process_left_does_not_stay()
    {
        _folder.Write("out/root.unpacking/root/old.txt", "old");
        Unpack(Zip(("root/a.txt", "one")));
        Assert.Equal(["a.txt"], Directory.GetFileSystemEntries(_folder["out", "root"]).Select(Path.GetFileName));
        Assert.Equal(["root"], Directory.GetFileSystemEntries(_folder["out"]).Select(Path.GetFileName));
    }

    public void Dispose() => _folder.Dispose();

    private string Unpack(string archive) => new SafeUnpack(_ => _free, _progress.Add).Unpack(archive, _folder["out"], TestContext.Current.CancellationToken);

    private void Refused(string archive, string expected)
    {
        Assert.Contains(expected, Assert.Throws<IOException>(() => Unpack(archive)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]) && Directory.EnumerateFileSystemEntries(_folder["out"]).Any());
        Assert.False(File.Exists(_folder["evil.txt"]));
    }

    private string Zip(params (string Name, string Text)[] files)
    {
        var path = _folder["made.zip"];
        File.Delete(path);
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, text) in files)
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.ASCII.GetBytes(text));
        }
        return path;
    }

    private static string Text(int length)
    {
        var random = new Random(1);
        return string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'z')));
    }
}
