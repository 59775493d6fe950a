using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MLNet.Devise.Tests;
using StackExchange.Redis;

namespace MLNet.Devise.Stores.Tests;

/// <summary>Three Garnet nodes on loopback that share the hash slots. Tests skip where the tool cannot be had.</summary>
public sealed class GarnetCluster : IAsyncLifetime
{
    private const string Version = "2.2.8";
    private readonly List<Process> _nodes = [];
    private string _tool = "";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("devise-garnet-");
    private string? _why;

    public int[] Ports { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        if (await ToolAsync() is not { } tool) return;
        _tool = tool;
        try { await StartAsync(tool); }
        catch (RedisException) when (_nodes.Find(node => node.HasExited) is { } ended)
        {
            _why = $"garnet-server {Version} does not run here: {await ended.StandardOutput.ReadToEndAsync()} {await ended.StandardError.ReadToEndAsync()}";
            Stop();
        }
    }

    private async Task StartAsync(string tool)
    {
        Ports = [.. Enumerable.Range(0, 3).Select(_ => FreePort())];
        foreach (var port in Ports)
        {
            var logs = _folder.CreateSubdirectory(port.ToString(CultureInfo.InvariantCulture)).FullName;
            _nodes.Add(Process.Start(new ProcessStartInfo(tool, ["--bind", "127.0.0.1", "--port", $"{port}", "--cluster", "--clean-cluster-config", "--enable-vector-set-preview", "--memory", "64m", "--index", "1m", "--gossip-delay", "1", "--device-type", "RandomAccess", "--checkpointdir", logs, "-q"])
            { WorkingDirectory = logs, RedirectStandardOutput = true, RedirectStandardError = true })!);
        }
        for (var i = 0; i < 3; i++)
        {
            await RetryAsync(async () =>
            {
                await using var one = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Ports[i]},connectTimeout=1000,allowAdmin=true");
                var server = one.GetServer("127.0.0.1", Ports[i]);
                if (((string?)await server.ExecuteAsync("CLUSTER", "INFO"))!.Contains("cluster_slots_assigned:0", StringComparison.Ordinal))
                {
                    await server.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", 16384 * i / 3, 16384 * (i + 1) / 3 - 1);
                    await server.ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
                }
                if (i > 0) await server.ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", Ports[0]);
                return true;
            });
        }
        await RetryAsync(async () =>
        {
            foreach (var port in Ports)
            {
                await using var one = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},connectTimeout=1000,allowAdmin=true");
                var info = (string?)await one.GetServer("127.0.0.1", port).ExecuteAsync("CLUSTER", "INFO");
                if (info?.Contains("cluster_slots_assigned:16384", StringComparison.Ordinal) != true) return false;
            }
            return true;
        });
    }

    /// <summary>All nodes, as a client names them; skips the running test where there is no cluster.</summary>
    public string Require()
    {
        Assert.SkipUnless(_nodes.Count >= 3, _why ?? "no Garnet");
        return string.Join(',', Ports.Select(port => $"127.0.0.1:{port}"));
    }

    /// <summary>A further server, alone and without vector sets, as a client names it; skips the running test where there is none.</summary>
    public async Task<string> PlainAsync()
    {
        Require();
        var (port, logs) = (FreePort(), _folder.CreateSubdirectory("plain").FullName);
        _nodes.Add(Process.Start(new ProcessStartInfo(_tool, ["--bind", "127.0.0.1", "--port", $"{port}", "--memory", "64m", "--index", "1m", "--checkpointdir", logs, "-q"])
        { WorkingDirectory = logs, RedirectStandardOutput = true, RedirectStandardError = true })!);
        await RetryAsync(async () =>
        {
            await using var one = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},connectTimeout=1000");
            return one.IsConnected;
        });
        return $"127.0.0.1:{port}";
    }

    public void Kill(int node)
    {
        _nodes[node].Kill(entireProcessTree: true);
        _nodes[node].WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private void Stop()
    {
        foreach (var node in _nodes)
        {
            if (!node.HasExited) node.Kill(entireProcessTree: true);
            node.WaitForExit();
            node.Dispose();
        }
        _nodes.Clear();
    }

    private async Task<string?> ToolAsync()
    {
        (var folder, _why) = await Installed.OnceAsync($"garnet-{Version}", InstallAsync);
        return _why is null ? Path.Combine(folder, OperatingSystem.IsWindows() ? "garnet-server.exe" : "garnet-server") : null;
    }

    private static async Task<string?> InstallAsync(string folder)
    {
        using var install = Process.Start(new ProcessStartInfo("dotnet", ["tool", "install", "garnet-server", "--version", Version, "--tool-path", folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = install.StandardError.ReadToEndAsync();
        _ = install.StandardOutput.ReadToEndAsync();
        await install.WaitForExitAsync();
        return install.ExitCode == 0 ? null : $"the tool garnet-server {Version} cannot be had: {(await said).Trim()}";
    }

    private static async Task RetryAsync(Func<Task<bool>> ready)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                if (await ready()) return;
            }
            catch (RedisException) when (tries < 60) { }
            Assert.True(tries < 60, "Garnet did not become a cluster");
            await Task.Delay(200);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
