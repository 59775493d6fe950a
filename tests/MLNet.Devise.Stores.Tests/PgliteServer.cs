using System.ComponentModel;
using System.Diagnostics;

namespace MLNet.Devise.Stores.Tests;

/// <summary>PostgreSQL with pgvector on loopback: PGlite, from npm, in a process of Node's. Tests skip where either cannot be had.</summary>
public sealed class PgliteServer : IDisposable
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
    private readonly string? _why;
    private readonly Process? _node;
    private readonly int _port;

    public PgliteServer()
    {
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"devise-tests-pglite-{Environment.UserName}")).FullName;
            if (!File.Exists(Path.Combine(folder, "installed")))
            {
                File.WriteAllText(Path.Combine(folder, "package.json"), "{ \"private\": true }");
                using var npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", .. Packages]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
                if (!npm.WaitForExit(TimeSpan.FromSeconds(60))) npm.Kill(entireProcessTree: true);
                if (!npm.HasExited || npm.ExitCode != 0)
                {
                    _why = $"npm could not install {string.Join(", ", Packages)}";
                    return;
                }
                File.WriteAllText(Path.Combine(folder, "server.mjs"), Script);
                File.WriteAllText(Path.Combine(folder, "installed"), "");
            }
            File.WriteAllText(Path.Combine(folder, "server.mjs"), Script);
            _node = Process.Start(new ProcessStartInfo("node", ["server.mjs"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardInput = true })!;
            var line = _node.StandardOutput.ReadLineAsync();
            if (!line.Wait(TimeSpan.FromSeconds(60)) || line.Result is null) throw new InvalidOperationException("PGlite did not start");
            _port = int.Parse(line.Result["port ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Win32Exception e) { _why = $"Node.js is absent: {e.Message}"; }
    }

    /// <summary>Its address; skips the running test where there is no server. PGlite takes one connection at a time.</summary>
    public string Require(string scheme = "")
    {
        Assert.SkipUnless(_node is not null, _why ?? "");
        return scheme == "postgres" ? $"postgres://postgres:secret@127.0.0.1:{_port}/postgres" : $"Host=127.0.0.1;Port={_port};Username=postgres;Password=secret;Database=postgres;Maximum Pool Size=1;SSL Mode=Disable";
    }

    public void Dispose()
    {
        if (_node is null) return;
        _node.Kill();
        _node.Dispose();
    }
}
