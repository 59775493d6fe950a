using MLNet.Devise.Data;
using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>A job's output, joined and complete, with its statistics beside it.</summary>
internal sealed class FinishedOutput
{
    private readonly string _path;
    private readonly StatsFile _stats;

    private FinishedOutput(string path, StatsFile stats) => (_path, _stats) = (path, stats);

    public static string StatsPath(string output) => $"{output}.stats.json";

    /// <summary>Throws where something lies in the output's place that scores must not replace; what statistics or its own form call scores may go, also where it is cut.</summary>
    /// <exception cref="DeviseInputException">It is no file of scores.</exception>
    public static void CheckReplaceable(string output)
    {
        if (!File.Exists(output) || File.Exists(StatsPath(output)) || new FileInfo(output).Length == 0) return;
        try { _ = ScoreFile.Read(output).FirstOrDefault(); }
        catch (Exception e) when (e is DeviseInputException or IOException)
        {
            throw new DeviseInputException($"{output} is there already and is no file of scores ({e.Message}); name a new file, or an older one of scores to replace", e);
        }
    }

    /// <summary>What is different in the job that the output is of, in words; <see langword="null"/> where nothing is, or nothing is there.</summary>
    public static string? Difference(string output, JobIdentity job) =>
        File.Exists(output) && File.Exists(StatsPath(output)) ? Difference(StatsFile.Read(StatsPath(output)), job) : null;

    /// <summary>The output of exactly this job, whole; <see langword="null"/> where there is none. How it was cut does not matter.</summary>
    public static FinishedOutput? Find(string output, JobIdentity job)
    {
        if (!File.Exists(output) || !File.Exists(StatsPath(output))) return null;
        var stats = StatsFile.Read(StatsPath(output));
        if (Difference(stats, job) is not null) return null;
        // Two, where a process ended just when it replaced the file.
        var whole = ((StatsFile?[])[stats, stats.Next]).FirstOrDefault(each => each?.Fits(output, deep: true) ?? false);
        return whole is null ? null : new(output, whole with { Next = null });
    }

    private static string? Difference(StatsFile stats, JobIdentity job) => stats.Job.Difference(job with { Shards = stats.Job.Shards, PartRows = stats.Job.PartRows });

    /// <summary>The job that it is of, cut as its parts were.</summary>
    public JobIdentity Job => _stats.Job;

    /// <summary>Rows whose status is not <c>ok</c>.</summary>
    public long Bad => _stats.Bad;

    /// <summary>Removes what killed processes left of the output half-written; only for whoever holds the lock of the whole.</summary>
    public static void Clean(string output)
    {
        WholeFile.RemoveLeftovers(output);
        WholeFile.RemoveLeftovers(StatsPath(output));
    }

    public ScoreSummary Summary => new(_stats.Rows, _stats.ByStatus, _stats.Rows);

    /// <summary>Tries the failed rows again and writes the file anew.</summary>
    /// <exception cref="DeviseInputException">The inputs are no longer those that the file is of; it stays.</exception>
    public ScoreSummary Retry(ImageInputs inputs, JobScorer scorer, Action<ScoreProgress>? progress, CancellationToken cancellation)
    {
        if (_stats.Bad == 0) return Summary;
        var (counts, retried, fingerprint) = (new StatusCounts(), 0L, new RowFingerprint());
        using var scored = scorer.Score(Rows().Where(Failed).Select(row => row.Input)).GetEnumerator();
        StatsFile? next = null;
        Clean(_path);
        WholeFile.Write(_path, stream => ScoreFormats.Of(_path).Write(stream, Mended(), _stats.Job.Schema), written: aside =>
        {
            // Whichever of the two files a process that ends here leaves, its statistics are there.
            next = StatsFile.Of(aside, _stats.Job, 0, counts);
            (_stats with { Next = next }).Write(StatsPath(_path));
        });
        next!.Write(StatsPath(_path));
        return new(counts.Rows, counts.ToDictionary(), counts.Rows - retried, retried);

        IEnumerable<ScoreRow> Mended()
        {
            foreach (var row in Rows())
            {
                if (Failed(row)) retried++;
                if (Failed(row) && !scored.MoveNext()) throw new InvalidOperationException("fewer scores than inputs");
                var mended = Failed(row) ? scored.Current : new ScoreRow(row.Image, row.Input.Kept);
                counts.Add(mended.Image.Status);
                fingerprint.Add(row.Input.Path, row.Input.Kept);
                progress?.Invoke(new(counts.Rows, counts.Bad, _stats.Rows, counts.Rows - retried));
                yield return mended;
            }
            if (fingerprint.Rows != _stats.Rows || fingerprint.Value != _stats.Job.Inputs)
                throw new DeviseInputException($"{_path}: the list of images changed while rows were tried again, and the file was left as it was; put back what the list had and try again");
        }

        IEnumerable<(InputRow Input, ScoredImage Image)> Rows() => Stoppable(inputs.Rows()).Zip(ScoreFile.Read(_path), (input, image) => input.Path == image.Path
            ? (input, image)
            : throw new DeviseInputException($"{_path}: a row of '{image.Path}', expected '{input.Path}'; start the job again with --restart"));

        IEnumerable<InputRow> Stoppable(IEnumerable<InputRow> rows)
        {
            var at = 0L;
            foreach (var row in rows)
            {
                if ((at++ & 1023) == 0) cancellation.ThrowIfCancellationRequested();
                yield return row;
            }
        }

        static bool Failed((InputRow Input, ScoredImage Image) row) => row.Image.Status != ImageStatus.Ok;
    }
}
