using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data.Downloads;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise data download</c>: fetches a published file, checks it, and unpacks what is to be unpacked.</summary>
internal static class DownloadVerb
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = string.Join("; ", KnownDownload.All.Select(known => $"{known.Name}: {known.What}")) + ". Each from its publisher's own server." };
        var output = new Option<string?>("--out") { Description = "Folder that the file goes to (default: artifacts/weights for weights, artifacts/data for the rest)." };
        var from = new Option<string?>("--from") { Description = "Another http(s) address of the same file, for instance a mirror." };
        var sha256 = new Option<string?>("--sha256") { Description = "Checksum of the file at --from, where it is not the published one." };
        return new Command("download", "Fetch pretrained weights, word vectors or AWA2; a broken transfer goes on where it broke, and what is known of the file is verified.") { name, output, from, sha256 }.Does((parsed, session) =>
        {
            var known = KnownDownload.ByName(parsed.GetValue(name)!);
            if (parsed.GetValue(from) is { } address) known = known with { Addresses = [Address(address)] };
            if (parsed.GetValue(sha256) is { } digits) known = known with { Facts = new(Checksum(digits, parsed.GetValue(from))) };
            var (result, folder) = Run(session, known, parsed.GetValue(output) ?? known.Folder);
            session.Answer(new { file = result.Path, result.Bytes, result.Sha256, result.Received, folder }, text => text.WriteLine(folder ?? result.Path));
        });
    }

    private static (DownloadResult Result, string? Folder) Run(Session session, KnownDownload known, string folder) => ProgressView.Run(session, TimeSpan.FromSeconds(5), view =>
    {
        var options = new DownloadOptions { Unpacks = known.Unpacks };
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("devise");
        var result = Fetch(session, known, new(client, options, Show(view, "download")), Path.Combine(folder, known.FileName), view);
        view.Say((result.Received, known.Facts.Sha256) switch
        {
            (0, not null) => "there already, its checksum is right",
            (0, null) => $"there already, SHA-256 {result.Sha256}",
            (_, not null) => $"{result.Bytes:N0} bytes, the checksum is right",
            _ => $"{result.Bytes:N0} bytes, SHA-256 {result.Sha256}: nobody has published a checksum of this file to compare it with, so it is recorded in {known.FileName}.sha256",
        });
        return (result, known.Unpacks ? Unpack(session, result.Path, folder, options, view) : null);
    });

    /// <summary>From the first address that answers.</summary>
    private static DownloadResult Fetch(Session session, KnownDownload known, Downloader downloader, string target, IProgressView view)
    {
        for (var i = 0; ; i++)
        {
            view.Say($"{known.Addresses[i]}");
            try { return downloader.Fetch(known.Addresses[i], target, known.Facts, session.Cancellation).GetAwaiter().GetResult(); }
            catch (IOException e) when (i < known.Addresses.Count - 1) { view.Say($"{e.Message}; trying another address"); }
        }
    }

    private static string Unpack(Session session, string archive, string folder, DownloadOptions options, IProgressView view)
    {
        var target = Path.Combine(folder, SafeUnpack.Root(archive));
        if (Directory.Exists(target)) view.Say($"{target}: unpacked already");
        else
        {
            new SafeUnpack(options.FreeSpace, Show(view, "unpack")).Unpack(archive, folder, session.Cancellation);
            view.Say($"{target}: unpacked, every file's checksum is right; {Path.GetFileName(archive)} may go (the same command would then fetch it again)");
        }
        return target;
    }

    private static Action<DownloadProgress> Show(IProgressView view, string task) => at =>
    {
        if (at.Note is { } note) view.Say(note);
        else view.Show(task, at.Bytes, at.Total, () => at.Total is { } total ? $"{at.Bytes / 1e6:F1} of {total / 1e6:F1} MB" : $"{at.Bytes / 1e6:F1} MB");
    };

    private static Uri Address(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && Path.GetFileName(uri.LocalPath) is { Length: > 0 }
            ? uri : throw new DeviseInputException($"--from: '{address}', expected an http or https address of a file");

    private static string Checksum(string digits, string? from) =>
        from is null ? throw new DeviseInputException("--sha256: without --from; the published file is what it is checked against")
        : digits.Length is >= 8 and <= 64 && digits.All(char.IsAsciiHexDigit) ? digits.ToLowerInvariant()
        : throw new DeviseInputException($"--sha256: '{digits}', expected 8 to 64 hexadecimal digits");
}
