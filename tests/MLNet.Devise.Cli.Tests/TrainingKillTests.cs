using System.Diagnostics;
using MLNet.Devise.Tests;

namespace MLNet.Devise.Cli.Tests;

/// <summary>
/// <c>devise train</c> killed as by <c>kill -9</c>, at random moments, again and again: with <c>--resume</c> it ends with the bytes of a run that
/// nobody disturbed. DEVISE_KILLS sets how often; few by default, since each life of the process costs a second to begin.
/// </summary>
public sealed class TrainingKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Killed_at_random_moments_it_ends_with_the_same_bytes()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("DEVISE_KILLS"), out var many) ? many : 4;
        Assert.Equal(0, Devise.Run("sample", "--out", _folder["data"], "--images-per-class", "8", "--size", "32").ExitCode);
        var options = _folder.Write("options.json", """
            { "imageSize": 32, "batchSize": 32, "threads": 1, "ema": 0.99, "keepBest": true,
              "stage1": [ { "epochs": 4, "learningRate": 2e-3 } ],
              "stage2": [ { "epochs": 3, "frozen": true, "learningRate": 2e-3 }, { "epochs": 3, "learningRate": 1e-3, "lowestLearningRate": 1e-4 } ] }
            """);
        string[] Words(string run) => ["train", "--preset", "paper", "--options", options, "--data", _folder["data"], "--vectors", Directory.GetFiles(_folder["data"], "*.vec")[0], "--out", _folder[run], "--seed", "5"];
        var clock = Stopwatch.StartNew();
        var whole = Devise.Run(Words("whole"));
        Assert.True(whole.ExitCode == 0, whole.Error);
        var life = clock.Elapsed;

        var (random, landed) = (new Random(11), 0);
        for (var i = 0; i < kills && !File.Exists(_folder["broken", "train.json"]); i++)
        {
            using var process = Devise.Start([.. Words("broken"), "--resume", "--checkpoint-minutes", "0.001"]);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            // Long enough to get somewhere, short enough that all the kills meet an unfinished run.
            if (!process.WaitForExit(life * (0.25 + 0.35 * random.NextDouble()))) landed++;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        Assert.True(landed > 0, "no kill met the run at work");
        var rest = Devise.Run([.. Words("broken"), "--resume"]);
        Assert.True(rest.ExitCode == 0, rest.Error);
        foreach (var name in (string[])["stage1.safetensors", "stage2.safetensors"]) Assert.Equal(File.ReadAllBytes(_folder["whole", name]), File.ReadAllBytes(_folder["broken", name]));
        Assert.False(File.Exists(_folder["broken", "checkpoint.safetensors"]));
    }

    public void Dispose() => _folder.Dispose();
}
