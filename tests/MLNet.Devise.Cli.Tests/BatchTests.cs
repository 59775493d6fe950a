using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli.Tests;

/// <summary>Batch jobs as a shell, Kubernetes and Slurm start them.</summary>
public sealed partial class BatchTests : IDisposable
{
    private readonly Batch _batch = new();

    [Fact]
    public void The_Kubernetes_job_scores_every_row_once()
    {
        var yaml = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "batch", "kubernetes.yaml"));
        var pods = Number(yaml, @"completions: (\d+)");
        Assert.Equal((pods, pods), (Number(yaml, @"parallelism: (\d+)"), Number(yaml, @"JOB_COMPLETIONS, value: ""(\d+)""")));
        var args = Words(yaml);
        Assert.Contains("--resume", args);
        // Of its pods, fewer: the rest of the command line is the file's.
        var list = ParquetList(600);
        foreach (var pod in (int[])[2, 0, 1]) Succeeds(Devise.Run(new Dictionary<string, string> { ["JOB_COMPLETION_INDEX"] = $"{pod}", ["JOB_COMPLETIONS"] = "3" }, args));
        Succeeds(Devise.Run(Words(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "batch", "kubernetes-merge.yaml")))));
        Assert.Equal(list, ScoreFile.Read(_batch["scores.parquet"]).Select(row => row.Path));
    }

    [Fact]
    public void The_Slurm_script_scores_every_row_once_and_a_part_of_an_array_is_not_taken_for_a_whole()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a script for bash");
        var list = ParquetList(600);
        foreach (var task in (int[])[5, 7, 9]) Assert.Equal((0, ""), Slurm(task, 3, 5, 2));
        Succeeds(Devise.Run("score", "merge", _batch["scores.parquet"]));
        Assert.Equal(list, ScoreFile.Read(_batch["scores.parquet"]).Select(row => row.Path));
        var (code, error) = Slurm(7, 1, 7, 1);
        Assert.Equal(2, code);
        Assert.Contains("parts of another job (3 shards there, 1 here)", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_bad_files_have_an_exit_code_of_their_own()
    {
        var answer = Devise.Run("score", _batch.Bundle, "--images", _batch.List(1000), "--out", _batch["s.csv"], "--max-errors", "3", "--part-rows", "100");
        Assert.Equal(3, answer.ExitCode);
        Assert.Contains("4 of 351 images could not be read, more than --max-errors 3", answer.Complaint, StringComparison.Ordinal);
        var resumed = Devise.Run("score", _batch.Bundle, "--images", _batch.List(1000), "--out", _batch["s.csv"], "--resume", "--part-rows", "100");
        Assert.StartsWith("1000 images: 990 ok, 4 missing, 3 corrupt, 3 unsupported (300 done before) → ", resumed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_is_asked_to_stop_says_so_and_goes_on_later()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "sends SIGTERM");
        string[] words = ["score", _batch.Bundle, "--images", _batch.List(20_000), "--out", _batch["s.csv"], "--part-rows", "200", "--resume"];
        var stopped = Stop(words, afterParts: 3);
        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("stopped; what was finished is kept", stopped.Complaint, StringComparison.Ordinal);
        Assert.False(File.Exists(_batch["s.csv"]));
        Assert.Empty(Directory.GetFiles(_batch["s.csv.parts"], "*.partial"));
        var answer = Devise.Run([.. words, "--json"]);
        Succeeds(answer);
        var summary = JsonDocument.Parse(answer.Output).RootElement;
        Assert.Equal(20_000, summary.GetProperty("rows").GetInt32());
        Assert.InRange(summary.GetProperty("resumed").GetInt32(), 600, 19_800);
        Assert.Equal(20_001, File.ReadLines(_batch["s.csv"]).Count());
    }

    [Fact]
    public void Folders_that_are_links_and_hidden_files_are_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "makes links");
        Directory.CreateSymbolicLink(_batch["images", "linked"], _batch["bundle"]);
        File.WriteAllText(_batch["images", "._1.png"], "what a Mac puts beside a photo");
        var answer = Devise.Run("score", _batch.Bundle, "--images", _batch["images"], "--out", _batch["s.csv"]);
        Succeeds(answer);
        Assert.Contains("1 folder is a link and was not looked into", answer.Error, StringComparison.Ordinal);
        Assert.Contains("1 hidden file or folder was left out", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finished_job_keeps_to_max_errors()
    {
        string[] words = ["score", _batch.Bundle, "--images", _batch.List(1000), "--out", _batch["s.csv"]];
        Succeeds(Devise.Run(words));
        var answer = Devise.Run([.. words, "--resume", "--max-errors", "3"]);
        Assert.Equal(3, answer.ExitCode);
        Assert.Contains("10 of 1000 images could not be read, more than --max-errors 3", answer.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_for_temporary_files_that_is_not_there_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "another variable");
        var answer = Devise.Run(new Dictionary<string, string> { ["TMPDIR"] = _batch["nowhere"] }, ["score", _batch.Bundle, "--images", _batch["images"], "--out", _batch["s.csv"]]);
        Assert.Equal(2, answer.ExitCode);
        Assert.StartsWith(_batch["nowhere"], answer.Complaint, StringComparison.Ordinal);
        Assert.Contains("set the variable TMPDIR", answer.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_told_before_any_work()
    {
        Refused("score merge", "no such folder, expected the parts of", "score", "merge", _batch["s.csv"]);
        Refused("both", "--resume and --restart: expected one of them", "score", _batch.Bundle, "--images", _batch["images"], "--out", _batch["s.csv"], "--resume", "--restart");
        Refused("shard", "shard '4/4'", "score", _batch.Bundle, "--images", _batch["images"], "--out", _batch["s.csv"], "--shard", "4/4");
        Refused("auto", "neither JOB_COMPLETION_INDEX (Kubernetes) nor SLURM_ARRAY_TASK_ID (Slurm) is set", "score", _batch.Bundle, "--images", _batch["images"], "--out", _batch["s.csv"], "--shard", "auto");
        Refused("keep", "keep 'Note': no such column", "score", _batch.Bundle, "--images", _batch.List(10), "--out", _batch["s.csv"], "--keep", "Note");
        Refused("ending", "ending '.txt', expected .parquet, .csv or .jsonl", "score", _batch.Bundle, "--images", _batch["images"], "--out", _batch["s.txt"]);
        Assert.Empty(Directory.GetFileSystemEntries(_batch[""], "s.*"));
    }

    [Fact]
    public void A_pattern_is_scored_and_Parquet_can_be_searched()
    {
        Succeeds(Devise.Run("score", _batch.Bundle, "--images", _batch["images", "1*.png"], "--out", _batch["s.parquet"], "--embeddings", "-k", "2"));
        Assert.Equal(11, ScoreFile.Read(_batch["s.parquet"]).Count());
        var search = Devise.Run("search", _batch["s.parquet"], "--text", "label 3", "-k", "4", "--json");
        Succeeds(search);
        Assert.Equal(4, JsonDocument.Parse(search.Output).RootElement.GetProperty("hits").GetArrayLength());
        var image = Devise.Run("search", _batch["s.parquet"], "--image", _batch["images", "17.png"], "-k", "1", "--json");
        Assert.Equal("17.png", JsonDocument.Parse(image.Output).RootElement.GetProperty("hits")[0].GetProperty("path").GetString());
    }

    public void Dispose() => _batch.Dispose();

    private Devise Stop(string[] words, int afterParts)
    {
        using var process = Devise.Start(words);
        var error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && !(Directory.Exists(_batch["s.csv.parts"]) && Directory.GetFiles(_batch["s.csv.parts"], "*.stats.json").Length >= afterParts)) Thread.Sleep(20);
        Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExit();
        process.WaitForExit();
        return new(process.ExitCode, "", error.GetAwaiter().GetResult());
    }

    private static void Succeeds(Devise answer) => Assert.True(answer.ExitCode == 0, answer.Error);

    private static void Refused(string what, string expected, params string[] words)
    {
        var answer = Devise.Run(words);
        Assert.True(answer.ExitCode == 2, what);
        Assert.Contains(expected, answer.Complaint, StringComparison.Ordinal);
    }

    private static int Number(string text, string pattern) => int.Parse(Regex.Match(text, pattern).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>A job file's <c>args</c>, with the test's folder in the place of the volume.</summary>
    private string[] Words(string yaml) => [.. Arguments().Match(yaml).Groups[1].Value.Split(',').Select(word => word.Trim().Trim('"').Replace("/data/", _batch[""] + "/", StringComparison.Ordinal))];

    /// <summary>A Parquet list of images beside their folder; returns its paths.</summary>
    private string[] ParquetList(int rows)
    {
        string[] paths = [.. Enumerable.Range(0, rows).Select(i => i % 50 == 7 ? "images/text.jpg" : $"images/{i % 40}.png")];
        ScoreFile.Write(_batch["images.parquet"], paths.Select(path => new ScoredImage(path, ImageStatus.Ok, "", [], [], null)), embeddings: false);
        return paths;
    }

    private (int Code, string Error) Slurm(int task, int count, int first, int step)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "batch", "slurm.sh"), _batch.Bundle, _batch["images.parquet"], _batch["scores.parquet"], "--quiet", "--part-rows", "50"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["DEVISE"] = $"dotnet {Path.Combine(AppContext.BaseDirectory, "devise.dll")}",
                ["SLURM_ARRAY_TASK_ID"] = $"{task}", ["SLURM_ARRAY_TASK_COUNT"] = $"{count}", ["SLURM_ARRAY_TASK_MIN"] = $"{first}", ["SLURM_ARRAY_TASK_STEP"] = $"{step}",
            },
        })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    [GeneratedRegex(@"args: \[(.*)\]")]
    private static partial Regex Arguments();
}
