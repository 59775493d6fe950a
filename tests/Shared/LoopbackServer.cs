using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MLNet.Devise.Tests;

/// <summary>An HTTP server on this machine that answers as a test wants, also by falling silent or hanging up in the middle of a file.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Request, Reply> _answer;
    private readonly List<Request> _requests = [];

    public LoopbackServer(Func<Request, Reply> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(Accept);
    }

    /// <summary>What was asked: headers in lower case.</summary>
    public sealed record Request(string Path, IReadOnlyDictionary<string, string> Headers);

    /// <summary>What is answered: of the body, <paramref name="Sent"/> bytes and then nothing more, the connection being closed or, with <paramref name="Hold"/>, held open.</summary>
    public sealed record Reply(int Status, byte[] Body, string Headers = "", int? Sent = null, bool Hold = false);

    public IReadOnlyList<Request> Requests => _requests;

    public Uri this[string name] => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{name}");

    /// <summary>The answer of a server that knows ranges.</summary>
    public static Reply Ranged(Request request, byte[] file, string etag)
    {
        if (!request.Headers.TryGetValue("range", out var range) || request.Headers.GetValueOrDefault("if-range") != etag) return new(200, file, $"ETag: {etag}\r\n");
        var from = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
        return from < file.Length
            ? new(206, file[from..], $"ETag: {etag}\r\nContent-Range: bytes {from}-{file.Length - 1}/{file.Length}\r\n")
            : new(416, [], $"Content-Range: bytes */{file.Length}\r\n");
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task Accept()
    {
        while (!_stop.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
            if (await reader.ReadLineAsync(_stop.Token) is not { } first) continue;
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line) headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
            var request = new Request(first.Split(' ')[1], headers);
            _requests.Add(request);
            var reply = _answer(request);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {reply.Status} Test\r\nContent-Length: {reply.Body.Length}\r\nConnection: close\r\n{reply.Headers}\r\n"), _stop.Token);
            await stream.WriteAsync(reply.Body.AsMemory(0, reply.Sent ?? reply.Body.Length), _stop.Token);
            if (reply.Hold) await Task.Delay(Timeout.Infinite, _stop.Token);
        }
    }
}
