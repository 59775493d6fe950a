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

    public void Dispose() => _folder.Dispose();
}
