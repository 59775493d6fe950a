using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using MLNet.Devise.Tests;

namespace MLNet.Devise.Cli.Tests;

public sealed class DownloadTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];

    private readonly TemporaryFolder _folder = new();
    private readonly LoopbackServer _server = new(request => request.Path switch
    {
        "/w.pth" => LoopbackServer.Ranged(request, Content, "\"1\""),
        "/AwA2-data.zip" => LoopbackServer.Ranged(request, Archive(), "\"2\""),
        _ => new(404, []),
    });

    [Fact]
    public void A_file_of_ones_own_arrives()
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Content));
        var answer = Devise.Run("data", "download", "resnet34", "--from", $"{_server["w.pth"]}", "--sha256", sha256[..8], "--out", _folder["w"], "--json");
        Assert.True(answer.ExitCode == 0, answer.Error);
        using var json = JsonDocument.Parse(answer.Output);
        Assert.Equal((_folder["w", "w.pth"], sha256, 5000), (json.RootElement.GetProperty("file").GetString(), json.RootElement.GetProperty("sha256").GetString(), json.RootElement.GetProperty("received").GetInt32()));
        Assert.Equal(Content, File.ReadAllBytes(_folder["w", "w.pth"]));
    }

    [Fact]
    public void A_file_that_is_not_the_published_one_is_refused_and_removed()
    {
        var answer = Devise.Run("data", "download", "squeezenet1_1", "--from", $"{_server["w.pth"]}", "--out", _folder["w"]);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("expected b8a52dc0", answer.Complaint, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["w"]));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var answer = Devise.Run("data", "download", "squeezenet1_1", "--from", $"{_server["gone.pth"]}", "--out", _folder["w"]);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains($"{_server["gone.pth"]}: the server answers 404", answer.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_set_is_unpacked_and_not_fetched_or_unpacked_again()
    {
        var words = (string[])["data", "download", "awa2", "--from", $"{_server["AwA2-data.zip"]}", "--out", _folder["data"], "--json"];
        var first = Devise.Run(words);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("nobody has published a checksum", first.Error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(first.Output);
        Assert.Equal(_folder["data", "Animals_with_Attributes2"], json.RootElement.GetProperty("folder").GetString());
        Assert.Equal("  1 zebra\n", File.ReadAllText(_folder["data", "Animals_with_Attributes2", "classes.txt"]));
        Assert.Equal(Content, File.ReadAllBytes(_folder["data", "Animals_with_Attributes2", "JPEGImages", "zebra", "zebra_10001.jpg"]));
        var second = Devise.Run(words);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Contains("unpacked already", second.Error, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public void Mistakes_in_what_was_asked()
    {
        Refused("download 'vgg', expected one of squeezenet1_1, resnet34", "vgg");
        Refused("--from: 'ftp://x/w.pth', expected an http or https address", "resnet34", "--from", "ftp://x/w.pth");
        Refused("--sha256: 'xyz', expected 8 to 64", "resnet34", "--from", "http://x/w.pth", "--sha256", "xyz");
        Refused("--sha256: without --from", "resnet34", "--sha256", "12345678");
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private static byte[] Archive()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using (var list = zip.CreateEntry("Animals_with_Attributes2/classes.txt").Open()) list.Write("  1 zebra\n"u8);
            using (var photo = zip.CreateEntry("Animals_with_Attributes2/JPEGImages/zebra/zebra_10001.jpg").Open()) photo.Write(Content);
            zip.CreateEntry("Animals_with_Attributes2/JPEGImages/empty/");
        }
        return stream.ToArray();
    }

    private void Refused(string expected, params string[] words)
    {
        var answer = Devise.Run(["data", "download", .. words, "--out", _folder["w"]]);
        Assert.Contains(expected, answer.Complaint, StringComparison.Ordinal);
        Assert.Equal(2, answer.ExitCode);
    }
}
