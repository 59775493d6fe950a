using System.Security.Cryptography;
using MLNet.Devise.Data.Downloads;

namespace MLNet.Devise.Tests.Data.Downloads;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Content = RandomBytes(300_000, 1);
    private static readonly DownloadOptions Hasty = new() { Attempts = 3, Pause = TimeSpan.Zero, Stall = TimeSpan.FromSeconds(20) };

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<DownloadProgress> _progress = [];

    private FileFacts _facts = new(Sha(Content));

    private string Target => _folder["out", "w.pth"];

    [Fact]
    public async Task A_file_comes_whole_and_is_not_fetched_again()
    {
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        var result = await Fetch(server);
        Assert.Equal((Target, Content.Length, Sha(Content), Content.Length), (result.Path, result.Bytes, result.Sha256, result.Received));
        AssertWhole();
        Assert.Equal((Content.Length, Content.Length), (_progress[^1].Bytes, _progress[^1].Total));
        Assert.Equal(0, (await Fetch(server)).Received);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_taken_up_where_it_broke()
    {
        var sent = 0;
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\"") with { Sent = sent++ < 5 ? 40_000 : null });
        Assert.Equal(Content.Length, (await Fetch(server)).Received);
        AssertWhole();
        // Six connections and only three attempts allowed: one that brings something does not count.
        Assert.Equal([null, "bytes=40000-", "bytes=80000-", "bytes=120000-", "bytes=160000-", "bytes=200000-"], server.Requests.Select(request => request.Headers.GetValueOrDefault("range")));
        Assert.Equal(5, _progress.Count(at => at.Note is not null));
    }

    [Fact]
    public async Task Another_call_goes_on_where_the_last_one_gave_up()
    {
        using var dying = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\"") with { Sent = request.Headers.ContainsKey("range") ? 0 : 100_000 });
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(dying));
        Assert.Contains("100,000 bytes are kept", error.Message, StringComparison.Ordinal);
        using var sound = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        Assert.Equal(200_000, (await Fetch(sound)).Received);
        AssertWhole();
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_fetched_from_its_beginning()
    {
        using var old = new LoopbackServer(request => LoopbackServer.Ranged(request, RandomBytes(300_000, 2), "\"old\"") with { Sent = request.Headers.ContainsKey("range") ? 0 : 100_000 });
        await Assert.ThrowsAsync<IOException>(() => Fetch(old));
        using var changed = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"new\""));
        Assert.Equal(Content.Length, (await Fetch(changed)).Received);
        AssertWhole();
    }

    [Fact]
    public async Task A_server_without_ranges_sends_all_again()
    {
        var sent = 0;
        using var server = new LoopbackServer(_ => new(200, Content, Sent: sent++ == 0 ? 40_000 : null));
        Assert.Equal(Content.Length + 40_000, (await Fetch(server)).Received);
        AssertWhole();
        Assert.All(server.Requests, request => Assert.DoesNotContain("range", request.Headers.Keys));
    }

    [Fact]
    public async Task A_server_without_ranges_that_always_breaks_off_is_given_up()
    {
        using var server = new LoopbackServer(request => new(200, Content, "ETag: \"1\"\r\n", Sent: 40_000));
        Assert.Contains("40,000 bytes are kept", (await Assert.ThrowsAsync<IOException>(() => Fetch(server))).Message, StringComparison.Ordinal);
        Assert.Equal([null, "bytes=40000-", "bytes=40000-"], server.Requests.Select(request => request.Headers.GetValueOrDefault("range")));
    }

    [Fact]
    public async Task A_wrong_file_is_removed()
    {
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, RandomBytes(1000, 3), "\"1\""));
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(server));
        Assert.Contains($"SHA-256 {Sha(RandomBytes(1000, 3))}, expected {Sha(Content)}; they were removed", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public async Task A_part_that_is_wrong_does_not_outlive_the_check()
    {
        Directory.CreateDirectory(_folder["out"]);
        File.WriteAllBytes(Target + ".part", new byte[1000]);
        File.WriteAllText(Target + ".part.version", "\"1\"");
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        await Assert.ThrowsAsync<IOException>(() => Fetch(server));
        Assert.Equal(Content.Length, (await Fetch(server)).Received);
        AssertWhole();
    }

    [Fact]
    public async Task A_part_that_is_whole_is_only_checked()
    {
        Directory.CreateDirectory(_folder["out"]);
        File.WriteAllBytes(Target + ".part", Content);
        File.WriteAllText(Target + ".part.version", "\"1\"");
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        Assert.Equal(0, (await Fetch(server)).Received);
        AssertWhole();
    }

    [Fact]
    public async Task A_part_longer_than_the_file_starts_again()
    {
        Directory.CreateDirectory(_folder["out"]);
        File.WriteAllBytes(Target + ".part", new byte[Content.Length + 1]);
        File.WriteAllText(Target + ".part.version", "\"1\"");
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        await Fetch(server);
        AssertWhole();
    }

    [Theory]
    [InlineData(404, 1), InlineData(403, 1), InlineData(503, 3)]
    public async Task A_refusal_is_named_and_only_a_busy_server_is_asked_again(int status, int times)
    {
        using var server = new LoopbackServer(_ => new(status, []));
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(server));
        Assert.StartsWith($"{server["w.pth"]}: the server answers {status}", error.Message, StringComparison.Ordinal);
        Assert.Equal(times, server.Requests.Count);
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public async Task No_server_at_all_is_named()
    {
        Uri address;
        using (var server = new LoopbackServer(_ => new(200, []))) address = server["w.pth"];
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(address, Hasty));
        Assert.Contains("no connection", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public async Task Stopping_keeps_what_has_come()
    {
        using var stop = new CancellationTokenSource();
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\"") with { Sent = 100_000, Hold = true });
        var downloader = new Downloader(_client, Hasty, at => { if (at.Bytes == 100_000) stop.Cancel(); });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => downloader.Fetch(server["w.pth"], Target, new(Sha(Content)), stop.Token));
        Assert.False(File.Exists(Target));
        using var sound = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        Assert.Equal(200_000, (await Fetch(sound)).Received);
        AssertWhole();
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left()
    {
        var sent = 0;
        using var server = new LoopbackServer(_ => new(200, Content, "ETag: \"1\"\r\n", Sent: 5, Hold: sent++ >= 0));
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(server["w.pth"], Hasty with { Attempts = 1, Stall = TimeSpan.FromMilliseconds(300) }));
        Assert.Contains("no bytes for too long", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_noticed_before_the_first_byte()
    {
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(server["w.pth"], Hasty with { FreeSpace = _ => 1000 }));
        Assert.Contains("300,000 more bytes are needed, the disk has 1,000 free", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public async Task Another_file_of_that_name_is_not_touched()
    {
        _folder.Write("out/w.pth", "precious");
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        var error = await Assert.ThrowsAsync<DeviseInputException>(() => Fetch(server));
        Assert.Contains("there already, but with SHA-256", error.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Target));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Two_downloads_of_one_file_do_not_mix()
    {
        Directory.CreateDirectory(_folder["out"]);
        using var other = new PartialFile(Target);
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        Assert.Contains("in use", (await Assert.ThrowsAsync<IOException>(() => Fetch(server))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checksum_that_nobody_published_is_recorded_and_compared_the_next_time()
    {
        _facts = new();
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        await Fetch(server);
        Assert.Equal($"{Sha(Content)}  w.pth\n", File.ReadAllText(Target + ".sha256"));
        Assert.Equal(0, (await Fetch(server)).Received);
        File.WriteAllText(Target, "changed");
        Assert.Contains($"there already, but with SHA-256 {Sha("changed"u8.ToArray())}, expected {Sha(Content)}", (await Assert.ThrowsAsync<DeviseInputException>(() => Fetch(server))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_size_than_published_is_not_fetched_at_all()
    {
        _facts = new(null, 299_999);
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        Assert.Contains("the server has 300,000 bytes, expected 299,999", (await Assert.ThrowsAsync<IOException>(() => Fetch(server))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public async Task What_is_unpacked_afterwards_needs_room_twice()
    {
        using var server = new LoopbackServer(request => LoopbackServer.Ranged(request, Content, "\"1\""));
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(server["w.pth"], Hasty with { Unpacks = true, FreeSpace = _ => 500_000 }));
        Assert.Contains("600,000 more bytes are needed, the disk has 500,000 free", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_known_of_published_files_fits_their_names() => Assert.All(KnownDownload.All, known =>
    {
        Assert.Equal((64, "https"), (known.Facts.Sha256?.Length ?? 64, known.Addresses[0].Scheme));
        Assert.All(known.Addresses, address => Assert.Equal(known.FileName, Path.GetFileName(address.LocalPath)));
        if (known.FileName.EndsWith(".pth", StringComparison.Ordinal)) Assert.EndsWith($"-{known.Facts.Sha256![..8]}.pth", known.FileName, StringComparison.Ordinal);
        else Assert.Equal("data", Path.GetFileName(known.Folder));
    });

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private Task<DownloadResult> Fetch(LoopbackServer server) => Fetch(server["w.pth"], Hasty);

    private Task<DownloadResult> Fetch(Uri address, DownloadOptions options) =>
        new Downloader(_client, options, _progress.Add).Fetch(address, Target, _facts, TestContext.Current.CancellationToken);

    private void AssertWhole()
    {
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Single(Directory.GetFiles(_folder["out"]));
    }

    private static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] RandomBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
