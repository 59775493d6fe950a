using MLNet.Devise.Data;

namespace MLNet.Devise.Tests.Data;

public sealed class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_write_that_fails_leaves_the_older_file_and_no_trace()
    {
        var path = _folder.Write("a/b.txt", "old");
        Assert.Throws<InvalidOperationException>(() => WholeFile.Write(path, stream =>
        {
            stream.Write("half of the n"u8);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder["a"]));
    }

    [Fact]
    public void The_file_is_not_there_until_it_is_whole_and_its_folder_is_made()
    {
        var path = _folder["new", "folder", "a.txt"];
        WholeFile.WriteText(path, writer =>
        {
            writer.WriteLine("ä");
            Assert.False(File.Exists(path));
        });
        Assert.Equal([0xC3, 0xA4, (byte)'\n'], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_link_stays_a_link_and_what_it_leads_to_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights on Windows");
        var real = _folder.Write("real/a.txt", "old");
        File.CreateSymbolicLink(_folder["first.txt"], Path.Combine("real", "a.txt"));
        File.CreateSymbolicLink(_folder["second.txt"], _folder["first.txt"]);
        WholeFile.WriteText(_folder["second.txt"], "new");
        Assert.Equal("new", File.ReadAllText(real));
        Assert.NotNull(new FileInfo(_folder["second.txt"]).LinkTarget);
        Assert.Equal([real], Directory.GetFiles(_folder["real"]));

        File.CreateSymbolicLink(_folder["ahead.txt"], Path.Combine("real", "b.txt"));
        WholeFile.CheckWritable(_folder["ahead.txt"]);
        WholeFile.WriteText(_folder["ahead.txt"], "first");
        Assert.Equal("first", File.ReadAllText(_folder["real", "b.txt"]));
    }

    [Fact]
    public void An_older_files_mode_stays()
    {
        if (OperatingSystem.IsWindows()) return;
        var path = _folder.Write("a.txt", "old");
        foreach (var mode in (UnixFileMode[])[UnixFileMode.UserRead | UnixFileMode.UserWrite, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite])
        {
            File.SetUnixFileMode(path, mode);
            WholeFile.WriteText(path, "new");
            Assert.Equal(mode, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void What_killed_processes_left_of_a_file_is_removed_and_nothing_else()
    {
        string[] kept = ["a.csv", "a.csv.my.partial", "a.csv.abcdefgh.1x2.partial.txt", "b.csv.abcdefgh.1x2.partial", "a.csv.stats.json.abcdefgh.1x2.partial"];
        foreach (var name in (string[])[.. kept, "a.csv.abcdefgh.1x2.partial", $"a.csv.{Path.GetRandomFileName()}.partial"]) _folder.Write(name, "x");
        WholeFile.RemoveLeftovers(_folder["a.csv"]);
        WholeFile.RemoveLeftovers(_folder["none", "a.csv"]);
        Assert.Equal(kept.Order(StringComparer.Ordinal), Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Looking_whether_a_file_can_be_written_leaves_nothing()
    {
        WholeFile.CheckWritable(_folder["new", "folder", "a.txt"]);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        _folder.Write("there/b.txt", "b");
        WholeFile.CheckWritable(_folder["there", "new", "a.txt"]);
        Assert.Equal([_folder["there", "b.txt"]], Directory.GetFileSystemEntries(_folder["there"]));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told()
    {
        var file = _folder.Write("a.txt", "x");
        Assert.Contains("cannot be written to", Assert.Throws<DeviseInputException>(() => WholeFile.WriteText(Path.Combine(file, "b", "c.txt"), "x")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
