using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data.Downloads;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise data download</c>: fetches a published file and checks it.</summary>
internal static class DownloadVerb
{
    private static readonly string Names = string.Join(" or ", KnownDownload.All.Select(known => known.Name));

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = $"{Names}: ImageNet weights of that backbone, from PyTorch's own server." };
        var output = new Option<string>("--out") { Description = "Folder that the file goes to.", DefaultValueFactory = _ => Path.Combine("artifacts", "weights") };
        var from = new Option<string?>("--from") { Description = "Another http(s) address of the same file, for instance a mirror." };
        var sha256 = new Option<string?>("--sha256") { Description = "Checksum of the file at --from, where it is not the published one." };
        return new Command("download", "Fetch pretrained weights; a broken transfer goes on where it broke, and the checksum is verified.") { name, output, from, sha256 }.Does((parsed, session) =>
        {
            var known = KnownDownload.ByName(parsed.GetValue(name)!);
            if (parsed.GetValue(from) is { } address) known = known with { Address = Address(address) };
            if (parsed.GetValue(sha256) is { } digits) known = known with { Sha256 = Checksum(digits, parsed.GetValue(from)) };
            var result = Run(session, known, parsed.GetValue(output)!);
            session.Answer(new { file = result.Path, result.Bytes, result.Sha256, result.Received }, text => text.WriteLine(result.Path));
        });
    }

    private static DownloadResult Run(Session session, KnownDownload known, string folder)
    {
        session.Say($"{known.Address}");
        return ProgressView.Run(session, TimeSpan.FromSeconds(5), view => Fetch(session, known, folder, view));
    }

    private static DownloadResult Fetch(Session session, KnownDownload known, string folder, IProgressView view)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("devise");
        var downloader = new Downloader(client, new(), at =>
        {
            if (at.Note is { } note) view.Say(note);
            else view.Show("download", at.Bytes, at.Total ?? 2 * at.Bytes, () => at.Total is { } total ? $"{at.Bytes / 1e6:F1} of {total / 1e6:F1} MB" : $"{at.Bytes / 1e6:F1} MB");
        });
        var result = downloader.Fetch(known.Address, Path.Combine(folder, known.FileName), known.Sha256, session.Cancellation).GetAwaiter().GetResult();
        view.Say(result.Received == 0 ? "there already, its checksum is right" : $"{result.Bytes:N0} bytes, the checksum is right");
        return result;
    }

    private static Uri Address(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && Path.GetFileName(uri.LocalPath) is { Length: > 0 }
            ? uri : throw new DeviseInputException($"--from: '{address}', expected an http or https address of a file");

    private static string Checksum(string digits, string? from) =>
        from is null ? throw new DeviseInputException("--sha256: without --from; the published file's checksum is known")
        : digits.Length is >= 8 and <= 64 && digits.All(char.IsAsciiHexDigit) ? digits.ToLowerInvariant()
        : throw new DeviseInputException($"--sha256: '{digits}', expected 8 to 64 hexadecimal digits");
}
