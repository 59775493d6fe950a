using System.Diagnostics;
using System.Globalization;

namespace MLNet.Devise.Benchmarks.Search;

/// <summary>hnswlib in a process of its own, compiled here; absent where there is no g++ or no hnswlib.</summary>
internal sealed class SearchPeer : IDisposable
{
    private readonly Process _process;

    private SearchPeer(Process process) => _process = process;

    /// <summary>Compiles the peer; null, with the reason on standard error, where that fails.</summary>
    public static string? Compile(string folder)
    {
        var program = Path.Combine(folder, "search_peer");
        var said = Run("g++", ["-O3", "-march=native", "-std=c++17", Path.Combine(AppContext.BaseDirectory, "search_peer.cc"), "-o", program, "-pthread"], out var code);
        if (code == 0) return program;
        Console.Error.WriteLine($"hnswlib is left out: {said.Split('\n')[0]} (Debian has it as libhnswlib-dev)");
        return null;
    }

    /// <summary>Builds and saves an index; CPU seconds and bytes a vector.</summary>
    public static (double Seconds, double Bytes) Build(string program, string folder, int rows, int m, int efConstruction)
    {
        var said = Run(program, ["build", Path.Combine(folder, "base.f32"), $"{rows}", $"{SearchVectors.Dimension}", $"{m}", $"{efConstruction}", IndexPath(folder, rows, m)], out var code);
        if (code != 0) throw new InvalidOperationException(said);
        var words = said.Split(' ');
        return (double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture));
    }

    public static SearchPeer? Serve(string? program, string folder, int rows, int m, int k)
    {
        if (program is null || !File.Exists(IndexPath(folder, rows, m))) return null;
        var start = new ProcessStartInfo(program, ["serve", IndexPath(folder, rows, m), $"{SearchVectors.Dimension}", Path.Combine(folder, "query.f32"), $"{SearchVectors.Queries}", $"{k}"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new(Process.Start(start)!);
    }

    /// <summary>Searches for all queries; CPU seconds and ids.</summary>
    public (double Seconds, int[] Ids) Search(int ef)
    {
        _process.StandardInput.WriteLine(ef);
        _process.StandardInput.Flush();
        var words = _process.StandardOutput.ReadLine()!.Split(' ');
        return (double.Parse(words[0], CultureInfo.InvariantCulture), [.. words.Skip(1).Select(word => int.Parse(word, CultureInfo.InvariantCulture))]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string IndexPath(string folder, int rows, int m) => Path.Combine(folder, $"hnswlib-{rows}-{m}.bin");

    private static string Run(string program, string[] words, out int code)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            process.WaitForExit();
            code = process.ExitCode;
            return (output.Result + error.Result).Trim();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            code = -1;
            return missing.Message;
        }
    }
}
