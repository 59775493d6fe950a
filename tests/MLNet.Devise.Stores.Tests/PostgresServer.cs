using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using MLNet.Devise.Tests;
using Npgsql;

namespace MLNet.Devise.Stores.Tests;

/// <summary>
/// PostgreSQL with pgvector: the server that <c>DEVISE_TEST_POSTGRES</c> names by a connection string, else PGlite, from npm, in a process of
/// Node's on loopback. Tests skip where there is neither.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Script = """
        import { PGlite } from '@electric-sql/pglite';
        import { vector } from '@electric-sql/pglite-pgvector';
        import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
        const server = new PGLiteSocketServer({ db: await PGlite.create({ extensions: { vector } }), port: 0, host: '127.0.0.1' });
        server.addEventListener('listening', event => console.log('port ' + event.detail.port));
        await server.start();
        process.stdin.resume();
        process.stdin.on('end', () => process.exit(0));
        """;

    private static readonly string[] Packages = ["@electric-sql/pglite@0.5.14", "@electric-sql/pglite-pgvector@0.0.15", "@electric-sql/pglite-socket@0.2.17"];
    private readonly string? _named = Environment.GetEnvironmentVariable("DEVISE_TEST_POSTGRES") is { Length: > 0 } named ? named : null;
    private string? _why;
    private Process? _node;
    private int _port;

    /// <summary>Whether it can COPY from a client and take several connections; PGlite can do neither.</summary>
    public bool Copies => _named is not null;

    public async ValueTask InitializeAsync()
    {
        if (_named is not null) return;
        try { await StartAsync(); }
        catch (Win32Exception e) { _why = $"Node.js is absent: {e.Message}"; }
    }

    /// <summary>Its connection string; skips the running test where there is no server.</summary>
    public string Require()
    {
        if (_named is not null) return _named;
        Assert.SkipUnless(_node is not null, _why ?? "");
        return $"Host=127.0.0.1;Port={_port};Username=postgres;Password=secret;Database=postgres;Maximum Pool Size=1;SSL Mode=Disable";
    }

    /// <summary>The same as an address of the command line's, with a table.</summary>
    public string Address(string table)
    {
        var parts = new NpgsqlConnectionStringBuilder(Require());
        var password = parts.Password is { Length: > 0 } secret ? $":{Uri.EscapeDataString(secret)}" : "";
        return $"postgres://{Uri.EscapeDataString(parts.Username ?? "postgres")}{password}@{parts.Host}:{parts.Port}/{parts.Database}?table={table}&sslmode={parts.SslMode}{(Copies ? "" : "&copy=off")}";
    }

    public ValueTask DisposeAsync()
    {
        _node?.Kill();
        _node?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StartAsync()
    {
        (var folder, _why) = await Installed.OnceAsync("pglite", InstallAsync);
        if (_why is not null) return;
        await File.WriteAllTextAsync(Path.Combine(folder, $"server{Environment.ProcessId}.mjs"), Script);
        _node = Process.Start(new ProcessStartInfo("node", [$"server{Environment.ProcessId}.mjs"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardInput = true })!;
        var line = await _node.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException("PGlite did not start");
        File.Delete(Path.Combine(folder, $"server{Environment.ProcessId}.mjs"));
        _port = int.Parse(line["port ".Length..], CultureInfo.InvariantCulture);
    }

    private static async Task<string?> InstallAsync(string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), "{ \"private\": true }");
        using var npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", .. Packages]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try { await npm.WaitForExitAsync(patience.Token); }
        catch (OperationCanceledException) { npm.Kill(entireProcessTree: true); }
        return npm.HasExited && npm.ExitCode == 0 ? null : $"npm could not install {string.Join(", ", Packages)}";
    }
}
