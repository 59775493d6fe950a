using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Benchmarks;

/// <summary>
/// Our training beside PyTorch's in one run: same network, batch, photos and threads, turn by turn, medians of the turns. PyTorch is what
/// <c>python3</c> (or DEVISE_PYTHON) imports; without it only our figures are shown.
/// </summary>
internal static class TrainingComparison
{
    private static readonly string[] Peers = ["nchw", "channels_last", "bf16"];

    /// <param name="args">DATA VECTORS WEIGHTS [turns [steps]], or DATA VECTORS WEIGHTS STEPS PRECISION --once [rate…] for one turn of ours. With - for VECTORS, DATA is any folder of images.</param>
    public static int Run(string[] args)
    {
        if (args.Length < 3)
        {
            Console.Error.WriteLine("usage: training DATA VECTORS WEIGHTS.safetensors [turns=3 [steps=40]]; with - for VECTORS, DATA is any folder of images");
            return 2;
        }
        if (args is [_, _, _, var count, var precisionName, "--once", .. var wanted])
        {
            Once(args[0], args[1], args[2], int.Parse(count, CultureInfo.InvariantCulture), Enum.Parse<TrainingPrecision>(precisionName), wanted);
            return 0;
        }
        var turns = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 3;
        var steps = args.Length > 4 ? args[4] : "40";
        var results = new Dictionary<string, List<double>>();
        for (var turn = 0; turn < turns; turn++)
        {
            foreach (var precision in (string[])["Auto", "Fp32"])
                Collect(results, $"ours {precision}", Environment.ProcessPath!, [.. Self(), "training", args[0], args[1], args[2], steps, precision, "--once"]);
            foreach (var peer in Peers)
                Collect(results, $"PyTorch {peer}", Environment.GetEnvironmentVariable("DEVISE_PYTHON") ?? "python3", [Path.Combine(AppContext.BaseDirectory, "training_peer.py"), args[0], args[2], steps, peer]);
        }
        foreach (var (name, rates) in results.OrderBy(result => result.Key, StringComparer.Ordinal))
            Console.WriteLine($"{name,-44} median {Median(rates),9:F1}  {string.Join(' ', rates.Select(rate => rate.ToString("F1", CultureInfo.InvariantCulture)))}");
        Ratios(results);
        return 0;
    }

    /// <summary>One turn of ours, in a process of its own, as the peer's is: the rates that are wanted by name, or all.</summary>
    private static void Once(string data, string vectors, string weights, int steps, TrainingPrecision precision, string[] wanted)
    {
        var folder = Directory.CreateTempSubdirectory("devise-rates-").FullName;
        try
        {
            var rates = AllocatorTuning.Run(() =>
            {
                using var training = new TrainingRates(data, vectors, weights, precision, Environment.ProcessorCount, steps, folder);
                (string Name, Func<Rate> Measure)[] all = [("first", training.First), ("later", training.Later), ("step", training.StepOnly), ("frozen", training.Frozen), ("cached", training.FrozenCached)];
                return all.Where(each => wanted.Length == 0 || wanted.Contains(each.Name)).Select(each => (each.Name, each.Measure())).ToDictionary();
            });
            Console.WriteLine(JsonSerializer.Serialize(rates.SelectMany(rate => new[] { ($"{rate.Key} images/s", rate.Value.PerSecond), ($"{rate.Key} images/CPU-s", rate.Value.PerCpuSecond) }).ToDictionary()));
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static void Collect(Dictionary<string, List<double>> results, string name, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var last = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n')[^1];
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidOperationException($"exit code {process.ExitCode}: {errors.Result.TrimEnd().Split('\n')[^1]}");
            foreach (var (key, value) in JsonSerializer.Deserialize<Dictionary<string, double>>(last)!)
            {
                if (!results.TryGetValue($"{name}: {key}", out var list)) results[$"{name}: {key}"] = list = [];
                list.Add(value);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {key} {value:F1}"));
            }
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or JsonException) { Console.Error.WriteLine($"{name}: left out, {error.Message}"); }
    }

    private static void Ratios(Dictionary<string, List<double>> results)
    {
        double? Of(string name) => results.TryGetValue(name, out var list) ? Median(list) : null;
        foreach (var unit in (string[])["images/s", "images/CPU-s"])
        {
            foreach (var peer in Peers)
                if (Of($"ours Auto: first {unit}") / Of($"PyTorch {peer}: first {unit}") is { } ratio) Console.WriteLine($"ours / PyTorch {peer}, decode, variation and step, {unit}: {ratio:F2}");
            if (Of($"ours Auto: cached {unit}") / Of($"ours Auto: frozen {unit}") is { } cached) Console.WriteLine($"frozen with kept features / without, {unit}: {cached:F1}");
            if (Of($"ours Auto: later {unit}") / Of($"ours Auto: step {unit}") is { } feed) Console.WriteLine($"whole steps / the network alone, {unit}: {feed:F3}");
        }
    }

    /// <summary>This program's own file, where it runs through <c>dotnet</c>.</summary>
    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(TrainingComparison).Assembly.Location] : [];

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
