using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using MLNet.Devise.Jobs;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Jobs.Parts;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Tests.Jobs;

/// <summary>Jobs that were stopped, cut into shards, or had files that could not be read.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int Count = 47;

    private readonly TemporaryFolder _folder = new();
    private readonly ModelBundle _bundle;
    private readonly string _list;

    public ResumeTests()
    {
        _bundle = TinyBundle.Write(_folder["bundle"]);
        for (var i = 0; i < 9; i++) Pictures.Save(_folder["images", $"{i}.png"], seed: i);
        _list = WriteList(i => i % 10 == 4 ? $"late{i}.png" : $"{i % 9}.png");
    }

    private static DeviseJobOptions Small => new() { PartRows = 5, Embeddings = true, K = 2, Workers = 2 };

    [Theory]
    [InlineData("scores.parquet"), InlineData("scores.csv"), InlineData("scores.jsonl")]
    public void A_stopped_job_keeps_its_parts_and_resumes_to_the_rows_of_one_that_was_not(string name)
    {
        DeviseJob.Run(_bundle, _list, _folder["whole", name], Small);
        var (first, second) = (Stopped(_folder[name], 23), new List<ScoreProgress>());
        Assert.Equal(23, first);
        Assert.False(File.Exists(_folder[name]));
        Assert.Contains("4 finished parts of an earlier process; go on with --resume", Fails(_folder[name], Small), StringComparison.Ordinal);
        var summary = DeviseJob.Run(_bundle, _list, _folder[name], Small with { Unfinished = UnfinishedJob.Resume }, second.Add);
        Assert.Equal((Count, 20, Count - 20), (summary.Rows, summary.Resumed, second.Count));
        Assert.Equal(Count, summary.ByStatus.Values.Sum());
        Assert.Equal(new ScoreProgress(21, 2, Count, 20), second[0]);
        Assert.Equal(File.ReadAllBytes(_folder["whole", name]), File.ReadAllBytes(_folder[name]));
        Assert.False(Directory.Exists(_folder[$"{name}.parts"]));
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(16), InlineData(60)]
    public void Shards_joined_are_the_file_of_one_process(int shards)
    {
        DeviseJob.Run(_bundle, _list, _folder["one.csv"], Small);
        // In any order, as a cluster would.
        foreach (var shard in Enumerable.Range(0, shards).OrderDescending()) DeviseJob.Run(_bundle, _list, _folder["many.csv"], Small with { Shard = new(shard, shards) });
        Assert.False(File.Exists(_folder["many.csv"]));
        Assert.Equal(Count, DeviseJob.Merge(_folder["many.csv"]).Rows);
        Assert.Equal(File.ReadAllText(_folder["one.csv"]), File.ReadAllText(_folder["many.csv"]));
        // The parts themselves, by name, are in the order of the inputs, for whoever reads them as they are.
        var parts = Directory.GetFiles(_folder["many.csv.parts"], "*.parquet").Order(StringComparer.Ordinal).SelectMany(ScoreFile.Read);
        Assert.Equal(ScoreFile.Read(_folder["one.csv"]).Select(row => row.Path), parts.Select(row => row.Path));
    }

    [Fact]
    public void Joining_says_which_shards_are_missing_and_trusts_no_part()
    {
        var output = _folder["s.parquet"];
        Assert.Contains("no such folder", Unmergeable(output), StringComparison.Ordinal);
        foreach (var shard in (int[])[0, 2, 3]) DeviseJob.Run(_bundle, _list, output, Small with { Shard = new(shard, 4) });
        Assert.Contains("3 of 4 shards are complete, unfinished is 1 (3 of its 3 parts); run them with --resume", Unmergeable(output), StringComparison.Ordinal);
        Assert.Contains("parts of another job (4 shards there, 2 here)", Fails(output, Small with { Shard = new(1, 2) }), StringComparison.Ordinal);
        DeviseJob.Run(_bundle, _list, output, Small with { Shard = new(1, 4) });
        DeviseJob.Merge(output);

        var part = Directory.GetFiles(_folder["s.parquet.parts"], "part-00002*.parquet").Order(StringComparer.Ordinal).First();
        var bytes = File.ReadAllBytes(part);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(part, bytes);
        Assert.Contains("part-00002-of-00004.000000.parquet is missing or not as it was written", Unmergeable(output), StringComparison.Ordinal);
        File.Delete(part);
        Assert.Contains("is missing or not as it was written", Unmergeable(output), StringComparison.Ordinal);
        DeviseJob.Run(_bundle, _list, output, Small with { Shard = new(2, 4), Unfinished = UnfinishedJob.Resume });
        Assert.Equal(Count, DeviseJob.Merge(output).Rows);
        var stray = _folder["s.parquet.parts", "part-00002-of-00004.000009.stats.json"];
        File.Copy(Path.ChangeExtension(part, ".stats.json"), stray);
        Assert.Contains("belongs to no part of this job", Unmergeable(output), StringComparison.Ordinal);
        File.Delete(stray);
        File.WriteAllText(Path.ChangeExtension(part, ".stats.json"), "{}");
        Assert.Contains("not a file of statistics", Unmergeable(output), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_does_not_go_on_from_another_jobs_parts()
    {
        Stopped(_folder["s.csv"], 12);
        var resume = Small with { Unfinished = UnfinishedJob.Resume };
        Assert.Contains("k 2 there, 3 here", Fails(_folder["s.csv"], resume with { K = 3 }), StringComparison.Ordinal);
        Assert.Contains("with embeddings there", Fails(_folder["s.csv"], resume with { Embeddings = false }), StringComparison.Ordinal);
        Assert.Contains("other labels", Fails(_folder["s.csv"], resume with { Labels = _bundle.Labels.Select(["label+1", "label+2"]) }), StringComparison.Ordinal);
        Assert.Contains("columns 'Id' there, '' here", Fails(_folder["s.csv"], resume with { Keep = [] }), StringComparison.Ordinal);
        Assert.Contains("5 rows a part there, 6 here", Fails(_folder["s.csv"], resume with { PartRows = 6 }), StringComparison.Ordinal);
        WriteList(i => $"{(i + 1) % 9}.png");
        Assert.Contains("other inputs, or in another order", Fails(_folder["s.csv"], resume), StringComparison.Ordinal);
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small with { Unfinished = UnfinishedJob.Restart }).Rows);
    }

    [Fact]
    public void A_list_that_changes_under_a_running_job_is_noticed_when_parts_are_joined()
    {
        // A megabyte: more than the job has read when its first row is done.
        var (list, changed) = (_folder["images", "moving.csv"], false);
        var lines = Enumerable.Range(0, 2000).Select(i => $"{i % 9}.png,{new string('x', 500)}").Prepend("Path,Id").ToArray();
        File.WriteAllLines(list, lines);
        var error = Assert.Throws<DeviseInputException>(() => DeviseJob.Run(_bundle, list, _folder["s.csv"], Small, _ =>
        {
            if (!changed) File.WriteAllLines(list, lines.Select(line => line.Replace("7.png", "8.png", StringComparison.Ordinal)));
            changed = true;
        }));
        Assert.Contains("the list of images changed while it ran", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["s.csv"]));
    }

    [Theory]
    [InlineData("s.parquet", null), InlineData("s.csv", null), InlineData("s.jsonl", 3)]
    public void What_failed_is_tried_again_and_nothing_else(string name, int? shards)
    {
        var output = _folder[name];
        void Run(DeviseJobOptions options, Action<ScoreSummary> check)
        {
            foreach (var shard in Enumerable.Range(0, shards ?? 1))
                check(DeviseJob.Run(_bundle, _list, output, options with { Shard = shards is { } count ? new(shard, count) : null }));
            if (shards is not null) DeviseJob.Merge(output);
        }
        Run(Small, _ => { });
        var before = ScoreFile.Read(output).ToArray();
        Assert.Equal(5, before.Count(row => row.Status == ImageStatus.Missing));
        foreach (var i in (int[])[4, 24]) Pictures.Save(_folder["images", $"late{i}.png"], seed: i);

        var retried = 0L;
        Run(Small with { RetryFailed = true }, summary => retried += summary.Retried);
        Assert.Equal(5, retried);
        var after = ScoreFile.Read(output).ToArray();
        Assert.Equal(before.Select(row => row.Path), after.Select(row => row.Path));
        Assert.Equal([14, 34, 44], Enumerable.Range(0, Count).Where(i => after[i].Status != ImageStatus.Ok));
        for (var i = 0; i < Count; i++)
            if (before[i].Status == ImageStatus.Ok) Assert.Equal(before[i].Embedding!.Value.ToArray(), after[i].Embedding!.Value.ToArray());
        if (name == "s.csv") Assert.Equal(File.ReadLines(_list).Select(line => line.Split(',')[1]), File.ReadLines(output).Select(line => line[(line.LastIndexOf(',') + 1)..]));

        foreach (var i in (int[])[14, 34, 44]) Pictures.Save(_folder["images", $"late{i}.png"], seed: i);
        Run(Small with { RetryFailed = true }, _ => { });
        Run(Small with { RetryFailed = true }, summary => Assert.Equal(0, summary.Retried));
        Assert.All(ScoreFile.Read(output), row => Assert.Equal(ImageStatus.Ok, row.Status));
    }

    [Fact]
    public void A_finished_job_is_not_done_again_unless_its_file_is_not_what_it_was()
    {
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small);
        var resume = Small with { Unfinished = UnfinishedJob.Resume, PartRows = 7 };
        var seen = 0;
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, _folder["s.csv"], resume, _ => seen++).Resumed);
        Assert.Equal(0, seen);
        File.AppendAllText(_folder["s.csv"], "x");
        Assert.Equal(0, DeviseJob.Run(_bundle, _list, _folder["s.csv"], resume, _ => seen++).Resumed);
        Assert.Equal(Count, seen);
    }

    [Fact]
    public void What_another_job_finished_is_not_replaced_by_going_on()
    {
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small);
        var before = File.ReadAllText(_folder["s.csv"]);
        var other = Small with { K = 3, Unfinished = UnfinishedJob.Resume };
        foreach (var options in (DeviseJobOptions[])[other, other with { RetryFailed = true }])
            Assert.Contains($"{_folder["s.csv"]}: a finished output of another job (k 2 there, 3 here)", Fails(_folder["s.csv"], options), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(_folder["s.csv"]));
        Assert.Equal(0, DeviseJob.Run(_bundle, _list, _folder["s.csv"], other with { Unfinished = UnfinishedJob.Restart }).Resumed);
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, _folder["s.csv"], other).Resumed);
    }

    [Fact]
    public void Too_many_bad_files_stop_the_job_and_its_parts_are_kept()
    {
        var error = Assert.Throws<TooManyErrorsException>(() => DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small with { MaxErrors = 2 }));
        Assert.Contains("3 of 25 images could not be read, more than --max-errors 2 (the last: late24.png: missing: no such file)", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["s.csv"]));
        Assert.Equal(20, DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small with { Unfinished = UnfinishedJob.Resume, MaxErrors = 5 }).Resumed);
    }

    [Fact]
    public void Too_many_bad_files_are_told_of_what_is_finished_too()
    {
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small);
        var resume = Small with { Unfinished = UnfinishedJob.Resume, MaxErrors = 4 };
        Assert.Contains("5 of 47 images could not be read, more than --max-errors 4", TooMany(resume), StringComparison.Ordinal);
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, _folder["s.csv"], resume with { MaxErrors = 5 }).Resumed);
        // What could be mended is kept nevertheless.
        Pictures.Save(_folder["images", "late4.png"]);
        Assert.Contains("4 of 47 images", TooMany(resume with { RetryFailed = true, MaxErrors = 3 }), StringComparison.Ordinal);
        Assert.Equal(4, ScoreFile.Read(_folder["s.csv"]).Count(row => row.Status != ImageStatus.Ok));

        var shard = Small with { Shard = new(0, 1) };
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], shard);
        Assert.Contains("4 of 47 images", TooMany(shard with { Unfinished = UnfinishedJob.Resume, MaxErrors = 3 }), StringComparison.Ordinal);
        string TooMany(DeviseJobOptions options) => Assert.Throws<TooManyErrorsException>(() => DeviseJob.Run(_bundle, _list, _folder["s.csv"], options)).Message;
    }

    [Fact]
    public void A_process_that_ends_while_it_replaces_a_finished_file_leaves_a_finished_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "moves a file that is being read");
        var (output, resume) = (_folder["s.csv"], Small with { Unfinished = UnfinishedJob.Resume });
        DeviseJob.Run(_bundle, _list, output, Small);
        Pictures.Save(_folder["images", "late4.png"]);
        // A folder in its place: the new file cannot take it, and all is as if the process had ended just before.
        Assert.ThrowsAny<Exception>(() => DeviseJob.Run(_bundle, _list, output, resume with { RetryFailed = true }, at =>
        {
            if (at.Done != Count) return;
            File.Move(output, _folder["old.csv"]);
            Directory.CreateDirectory(output);
        }));
        Directory.Delete(output);
        File.Copy(_folder["old.csv"], output);
        Assert.Equal((Count, 5), Finished());

        // Just after: the new file is in its place, the statistics still speak of both.
        File.Delete(output);
        DeviseJob.Run(_bundle, _list, _folder["other.csv"], Small);
        File.Copy(_folder["other.csv"], output);
        Assert.Equal((Count, 4), Finished());
        Assert.Equal(4, DeviseJob.Run(_bundle, _list, output, resume with { RetryFailed = true }).Retried);
        Assert.Equal((Count, 4), Finished());
        Assert.DoesNotContain("\"xxh128\"", File.ReadAllText($"{output}.stats.json").Split("\"next\"")[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.partial"));

        (long Resumed, long Missing) Finished() => DeviseJob.Run(_bundle, _list, output, resume) is var summary ? (summary.Resumed, summary.ByStatus["missing"]) : default;
    }

    [Fact]
    public void Two_processes_do_not_work_on_one_shard()
    {
        var error = "";
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small, _ => error = error.Length > 0 ? error : InUse(_folder["s.csv"]));
        Assert.Contains("another process is at work on shard 0/1", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_takes_the_output_before_its_parts_are_joined()
    {
        var (folder, joined) = (new PartFolder(_folder["s.csv"]), Task.FromResult(false));
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small, at =>
        {
            if (at.Done == Count) joined = Task.Run(WhenFree);
        });
        Assert.True(await joined);
        Assert.False(folder.Exists);

        bool WhenFree()
        {
            while (true)
                try
                {
                    using (folder.Lock(JobShard.Whole)) return File.Exists(_folder["s.csv"]);
                }
                catch (IOException)
                {
                    // Still at work.
                }
        }
    }

    [Fact]
    public void Going_on_with_a_finished_job_leaves_the_parts_of_another()
    {
        var (output, resume) = (_folder["s.csv"], Small with { Unfinished = UnfinishedJob.Resume });
        DeviseJob.Run(_bundle, _list, output, Small);
        Stopped(output, 12, Small with { K = 3 });
        var parts = Parts(output);
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, output, resume).Resumed);
        Assert.Equal(parts, Parts(output));

        // Of the same job, whose process ended before it had removed them: these go.
        Directory.Delete($"{output}.parts", recursive: true);
        DeviseJob.Run(_bundle, _list, output, Small with { Shard = new(0, 1) });
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, output, resume).Resumed);
        Assert.False(Directory.Exists($"{output}.parts"));
    }

    [Fact]
    public void A_job_that_replaces_the_output_of_another_goes_on_too()
    {
        var (output, other) = (_folder["s.csv"], Small with { K = 3 });
        DeviseJob.Run(_bundle, _list, output, Small);
        var (scores, stats) = (File.ReadAllBytes(output), File.ReadAllBytes($"{output}.stats.json"));
        Assert.Contains("a finished output of another job (k 2 there, 3 here)", Fails(output, other with { Unfinished = UnfinishedJob.Resume }), StringComparison.Ordinal);
        Stopped(output, 23, other);
        Assert.Equal(scores, File.ReadAllBytes(output));
        Assert.Equal(20, DeviseJob.Run(_bundle, _list, output, other with { Unfinished = UnfinishedJob.Resume }).Resumed);
        Assert.Equal(3, ScoreFile.Read(output).First().Labels.Count);

        // Ended just when the file had taken its place, and its statistics not yet theirs.
        DeviseJob.Run(_bundle, _list, output, other with { Shard = new(0, 1) });
        File.WriteAllBytes($"{output}.stats.json", stats);
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, output, other with { Unfinished = UnfinishedJob.Resume }).Resumed);
        Assert.DoesNotContain(stats, File.ReadAllBytes($"{output}.stats.json"));
        Assert.False(Directory.Exists($"{output}.parts"));
    }

    [Fact]
    public void A_list_that_ends_sooner_while_rows_are_tried_again_leaves_the_output_as_it_was()
    {
        var (output, options) = (_folder["s.csv"], Small with { Keep = [] });
        DeviseJob.Run(_bundle, _list, output, options);
        var scores = File.ReadAllBytes(output);
        using var inputs = new Shrinking(_folder["images"], [.. ScoreFile.Read(output).Select(row => row.Path)]);
        var error = Assert.Throws<DeviseInputException>(() => DeviseJob.RunOver(_bundle, inputs, output, options with { RetryFailed = true, Unfinished = UnfinishedJob.Resume }, null, default)).Message;
        Assert.Contains("the list of images changed while rows were tried again", error, StringComparison.Ordinal);
        Assert.Equal(scores, File.ReadAllBytes(output));
    }

    [Fact]
    public void Trying_again_ends_when_asked_to()
    {
        var output = _folder["s.csv"];
        DeviseJob.Run(_bundle, _list, output, Small);
        using var source = new CancellationTokenSource();
        using var inputs = ImageInputs.Open(_list);
        using var scorer = new JobScorer(_bundle, Small, inputs.Root, default);
        var finished = FinishedOutput.Find(output, StatsFile.Read(FinishedOutput.StatsPath(output)).Job)!;
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => finished.Retry(inputs, scorer, null, source.Token));
    }

    [Fact]
    public void A_file_in_the_place_of_the_parts_is_named()
    {
        File.WriteAllText(_folder["s.csv.parts"], "");
        Assert.Contains("s.csv.parts: a file, expected a folder for the parts", Fails(_folder["s.csv"], Small), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_does_not_mean_what_the_job_itself_writes()
    {
        var (output, pattern) = (_folder["images", "s.parquet"], _folder["images", "**"]);
        var images = Directory.GetFiles(_folder["images"]).Length;
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => DeviseJob.Run(_bundle, pattern, output, Small, at =>
        {
            if (at.Done == 7) source.Cancel();
        }, source.Token));
        _folder.Write("images/s.parquet.abcdefgh.1x2.partial", "");
        for (var run = 0; run < 2; run++)
            Assert.Equal((images, run == 0 ? 5 : images), DeviseJob.Run(_bundle, pattern, output, Small with { Unfinished = UnfinishedJob.Resume }) is var summary ? ((int)summary.Rows, (int)summary.Resumed) : default);
    }

    [Theory]
    [InlineData("partRows", 0), InlineData("partRows", -5), InlineData("shards", 0), InlineData("rows", -1), InlineData("shards", 100_000)]
    public void A_marker_with_impossible_numbers_is_refused(string name, int value)
    {
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small with { Shard = new(0, 1) });
        foreach (var marker in Directory.GetFiles(_folder["s.csv.parts"], "*.stats.json"))
        {
            var json = JsonNode.Parse(File.ReadAllText(marker))!;
            json["job"]![name] = value;
            File.WriteAllText(marker, json.ToJsonString());
        }
        Assert.Contains("out of range", Unmergeable(_folder["s.csv"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_network_in_the_bundle_s_place_scores_nothing()
    {
        File.WriteAllBytes(_bundle.OnnxPath, TinyBundle.Network(seed: 2));
        Assert.Contains("another network than when the bundle was opened", Fails(_folder["s.csv"], Small), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["s.csv"]));
    }

    [Fact]
    public void Going_on_with_a_finished_job_waits_for_who_does_it_anew()
    {
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small);
        var error = "";
        DeviseJob.Run(_bundle, _list, _folder["s.csv"], Small with { K = 3 }, _ => error = error.Length > 0 ? error : InUse(_folder["s.csv"]));
        Assert.Contains("another process is at work", error, StringComparison.Ordinal);
        Assert.Equal(3, ScoreFile.Read(_folder["s.csv"]).First().Labels.Count);
    }

    [Fact]
    public void Shards_start_anew_one_after_the_other()
    {
        var (output, anew) = (_folder["s.csv"], Small with { K = 3, Unfinished = UnfinishedJob.Restart });
        foreach (var shard in (int[])[0, 1]) DeviseJob.Run(_bundle, _list, output, Small with { Shard = new(shard, 2) });
        var parts = Parts(output);
        // Another number of shards could never be joined with what is there, and is told before anything is thrown away.
        foreach (var shard in (JobShard?[])[null, new(0, 3)]) Assert.Contains("parts of another job (2 shards there", Fails(output, anew with { Shard = shard }), StringComparison.Ordinal);
        Assert.Equal(parts, Parts(output));
        DeviseJob.Run(_bundle, _list, output, anew with { Shard = new(0, 2) });
        Assert.Contains("is of another job than the first part: k 2 there, 3 here", Unmergeable(output), StringComparison.Ordinal);
        DeviseJob.Run(_bundle, _list, output, anew with { Shard = new(1, 2) });
        Assert.Equal(Count, DeviseJob.Merge(output).Rows);
    }

    [Fact]
    public void What_was_tried_again_in_the_output_is_not_undone_by_joining_the_parts_anew()
    {
        var output = _folder["s.csv"];
        foreach (var shard in (int[])[0, 1]) DeviseJob.Run(_bundle, _list, output, Small with { Shard = new(shard, 2) });
        DeviseJob.Merge(output);
        Assert.Equal(5, DeviseJob.Merge(output).ByStatus["missing"]);
        Pictures.Save(_folder["images", "late4.png"]);
        Assert.Equal(5, DeviseJob.Run(_bundle, _list, output, Small with { RetryFailed = true }).Retried);
        var mended = File.ReadAllText(output);
        Assert.Contains($"{output}: 4 rows in it could not be read, 5 in the parts", Unmergeable(output), StringComparison.Ordinal);
        Assert.Equal(mended, File.ReadAllText(output));
        foreach (var shard in (int[])[0, 1]) DeviseJob.Run(_bundle, _list, output, Small with { Shard = new(shard, 2), RetryFailed = true });
        Assert.Equal(4, DeviseJob.Merge(output).ByStatus["missing"]);
        Assert.Equal(mended, File.ReadAllText(output));
    }

    [Fact]
    public void What_a_killed_process_left_of_the_output_is_removed_by_the_next_that_writes_it()
    {
        var (output, mine) = (_folder["s.csv"], _folder.Write("s.csv.my.partial", "mine"));
        string[] left = ["s.csv.abcdefgh.1x2.partial", "s.csv.stats.json.abcdefgh.1x2.partial"];
        foreach (var options in (DeviseJobOptions[])[Small, Small with { RetryFailed = true }])
        {
            foreach (var name in left) _folder.Write(name, "half");
            DeviseJob.Run(_bundle, _list, output, options);
            Assert.Equal([mine], Directory.GetFiles(_folder.Path, "*.partial"));
        }
    }

    [Fact]
    public void Options_that_do_not_fit_are_named_before_parts_are_thrown_away()
    {
        Stopped(_folder["s.csv"], 12);
        var (parts, anew) = (Parts(_folder["s.csv"]), Small with { Unfinished = UnfinishedJob.Restart });
        Assert.Contains("k: 99, expected 1 to 7", Fails(_folder["s.csv"], anew with { K = 99 }), StringComparison.Ordinal);
        Assert.Contains("temperature: NaN", Fails(_folder["s.csv"], anew with { Ranking = new() { Temperature = double.NaN } }), StringComparison.Ordinal);
        Assert.Contains("seenPenalty: NaN", Fails(_folder["s.csv"], anew with { Ranking = new() { SeenPenalty = float.NaN } }), StringComparison.Ordinal);
        var ranking = new LabelRanking { UnknownBelow = 0, UnknownLabel = "none; or other" };
        Assert.Contains("label 'none; or other': ';' joins labels in a .csv", Fails(_folder["s.csv"], anew with { Ranking = ranking }), StringComparison.Ordinal);
        Assert.Equal(parts, Parts(_folder["s.csv"]));
        Assert.Equal(Count, DeviseJob.Run(_bundle, _list, _folder["s.jsonl"], Small with { Ranking = ranking }).Rows);
    }

    [Fact]
    public void Options_out_of_range_are_named_before_anything_is_written()
    {
        foreach (var options in (DeviseJobOptions[])[Small with { K = 0 }, Small with { K = 99 }, Small with { MaxErrors = -1 }, Small with { PartRows = 0 }, Small with { Shard = new(2, 2) }, Small with { RetryFailed = true, Unfinished = UnfinishedJob.Restart }])
            Fails(_folder["s.csv"], options);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path, "s.*"));
    }

    public void Dispose() => _folder.Dispose();

    private string WriteList(Func<int, string> path) => _folder.Write("images/list.csv", "Path,Id\n" + string.Concat(Enumerable.Range(0, Count).Select(i => $"{path(i)},n{i}\n")));

    private static (string Name, DateTime Written)[] Parts(string output) =>
        [.. Directory.GetFiles($"{output}.parts").Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), File.GetLastWriteTimeUtc(path)))];

    /// <summary>Runs a job until some row; returns how many rows it had done.</summary>
    private int Stopped(string output, int rows, DeviseJobOptions? options = null)
    {
        using var source = new CancellationTokenSource();
        var done = 0;
        Assert.Throws<OperationCanceledException>(() => DeviseJob.Run(_bundle, _list, output, options ?? Small, _ =>
        {
            if (++done == rows) source.Cancel();
        }, source.Token));
        return done;
    }

    private string Fails(string output, DeviseJobOptions options) => Assert.Throws<DeviseInputException>(() => DeviseJob.Run(_bundle, _list, output, options)).Message;

    private string InUse(string output) => Assert.ThrowsAny<IOException>(() => DeviseJob.Run(_bundle, _list, output, Small with { Unfinished = UnfinishedJob.Resume })).Message;

    private static string Unmergeable(string output) => Assert.Throws<DeviseInputException>(() => DeviseJob.Merge(output)).Message;

    /// <summary>A list that ends a row sooner when it is read again.</summary>
    private sealed class Shrinking : ImageInputs
    {
        private readonly string[] _paths;
        private int _reads;

        [SetsRequiredMembers]
        public Shrinking(string root, string[] paths) => (Root, _paths) = (root, paths);

        public override IEnumerable<InputRow> Rows() => (_reads++ == 0 ? _paths : _paths[..^1]).Select(path => new InputRow(path, []));

        public override DeviseInputException Empty() => throw new InvalidOperationException("it has rows");

        public override void Dispose() { }
    }
}
