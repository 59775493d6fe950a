using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace MLNet.Devise.Data.Downloads;

/// <summary>
/// Fetches a file and checks it against what is known of it. A connection that breaks is taken up where it broke, at once or by the next call; the file gets
/// its name only when every byte is there and right.
/// </summary>
internal sealed class Downloader(HttpClient client, DownloadOptions options, Action<DownloadProgress> progress)
{
    /// <param name="address">Where the file is.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="facts">What is known of it. Without a checksum its own is recorded beside it, and compared the next time.</param>
    /// <param name="cancellation">Stops; what has come stays for the next time.</param>
    /// <exception cref="DeviseInputException">Another file has that name already.</exception>
    /// <exception cref="IOException">The server or the network would not, the disk is full, or the file is not what it should be.</exception>
    public async Task<DownloadResult> Fetch(Uri address, string target, FileFacts facts, CancellationToken cancellation)
    {
        target = Path.GetFullPath(target);
        if (File.Exists(target)) return Existing(target, facts.With(target));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var part = new PartialFile(target);
        if (part.Length > 0) progress(new(part.Length, null, $"going on after {part.Length:N0} bytes of an earlier attempt"));

        var (received, reached) = (0L, part.Length);
        for (var failures = 0; ;)
        {
            try
            {
                await Attempt(address, target, part, facts, count => received += count, cancellation);
                break;
            }
            catch (Exception e) when (IsBroken(e, cancellation))
            {
                // Bytes that came before, of a server that begins again each time, bring nobody further.
                failures = part.Length > reached ? 1 : failures + 1;
                reached = Math.Max(reached, part.Length);
                if (failures >= options.Attempts) throw new IOException($"{address}: {Reason(e)}; {part.Length:N0} bytes are kept beside {target}, run the same again to go on from there", e);
                progress(new(part.Length, null, $"the connection broke after {part.Length:N0} bytes ({Reason(e)}), trying again"));
                await Task.Delay(options.Pause * Math.Pow(2, failures - 1), cancellation);
            }
        }

        var (length, checksum) = (part.Length, part.Checksum());
        if (facts.Mismatch(length, checksum) is { } mismatch)
        {
            part.Remove();
            throw new IOException($"{address}: the {length:N0} bytes received have {mismatch}; they were removed. The address may serve another file, or something on the way changed it");
        }
        part.Complete(target);
        facts.Record(target, checksum);
        return new(target, length, checksum, received);
    }

    private static DownloadResult Existing(string target, FileFacts facts)
    {
        var (length, checksum) = (new FileInfo(target).Length, FileChecksum.Of(target));
        if (facts.Mismatch(length, checksum) is { } mismatch) throw new DeviseInputException($"{target}: there already, but with {mismatch}; move it away to download it again");
        facts.Record(target, checksum);
        return new(target, length, checksum, 0);
    }

    private async Task Attempt(Uri address, string target, PartialFile part, FileFacts facts, Action<int> received, CancellationToken cancellation)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        watch.CancelAfter(options.Stall);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.AcceptEncoding.Add(new("identity"));
        if (part is { Length: > 0, Version: { } version })
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
            // Should the file have changed, the server then sends all of the new one.
            request.Headers.TryAddWithoutValidation("If-Range", version);
        }
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
        var total = Begin(response, address, part);
        if (facts.Bytes is { } known && total is { } said && said != known)
        {
            part.Restart(null);
            throw new IOException($"{address}: the server has {said:N0} bytes, expected {known:N0}: another file than the one that was published; see whether it has moved, and name its new address with --from");
        }
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;
        RequireSpace(target, (total ?? facts.Bytes) - part.Length + (options.Unpacks ? total : 0));

        await using var body = await response.Content.ReadAsStreamAsync(watch.Token);
        var piece = new byte[1 << 16];
        while (true)
        {
            watch.CancelAfter(options.Stall);
            var count = await body.ReadAsync(piece, watch.Token);
            if (count == 0) break;
            part.Append(piece.AsSpan(0, count));
            received(count);
            progress(new(part.Length, total));
        }
        if (part.Length < total) throw new HttpIOException(HttpRequestError.ResponseEnded, $"{part.Length:N0} of {total:N0} bytes came");
    }

    /// <summary>Makes the partial file fit the answer.</summary>
    /// <returns>Length of the whole file, where the server says.</returns>
    private static long? Begin(HttpResponseMessage response, Uri address, PartialFile part)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange is { From: { } from } range && from == part.Length:
                return range.Length;
            case HttpStatusCode.OK:
                // A weak ETag does not promise the same bytes.
                part.Restart(response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : response.Content.Headers.LastModified?.ToString("R"));
                return response.Content.Headers.ContentLength;
            // All of it came before, and the process ended before it was checked.
            case HttpStatusCode.RequestedRangeNotSatisfiable when part.Length > 0 && response.Content.Headers.ContentRange?.Length == part.Length:
                return part.Length;
            case HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent:
                part.Restart(null);
                throw new HttpIOException(HttpRequestError.InvalidResponse, $"the server would not go on ({(int)response.StatusCode}), starting again");
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                throw new HttpIOException(HttpRequestError.InvalidResponse, $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
            default:
                throw new IOException($"{address}: the server answers {(int)response.StatusCode} {response.ReasonPhrase}, expected the file; see whether it has moved, and name its new address with --from");
        }
    }

    private void RequireSpace(string target, long? needed)
    {
        var free = options.FreeSpace(Path.GetDirectoryName(target)!);
        if (needed > free) throw new IOException($"{target}: {needed:N0} more bytes are needed, the disk has {free:N0} free; make room, or choose another folder with --out");
    }

    /// <summary>Whether another attempt may help: the network failed or fell silent, and nobody asked to stop.</summary>
    private static bool IsBroken(Exception error, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested && error is HttpRequestException or HttpIOException or OperationCanceledException or IOException { InnerException: SocketException };

    private static string Reason(Exception error) => error switch
    {
        OperationCanceledException => "no bytes for too long",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the name cannot be resolved: no network, or a proxy is needed (HTTPS_PROXY)",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => $"no connection ({error.InnerException?.Message ?? error.Message})",
        _ => error.Message,
    };
}
