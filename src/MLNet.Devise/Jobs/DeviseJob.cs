using MLNet.Devise.Data;
using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Jobs.Parts;

namespace MLNet.Devise.Jobs;

/// <summary>
/// Scores a folder or list of images of any length into one file, in one process or in shards, and loses no row whatever happens to
/// the processes.
/// </summary>
/// <remarks>
/// Beside the output <c>OUT</c>, a process fills <c>OUT.parts</c> with parts of 2,000 rows, <c>part-00003-of-00016.000007.parquet</c>: each is
/// written aside, flushed to disk and renamed, and then counts once its commit marker (<c>….stats.json</c>) is there too. A process
/// without a shard joins its parts into <c>OUT</c>, which appears whole with <c>OUT.stats.json</c>, and removes them; shards are joined
/// by <see cref="Merge"/>. Joining proves by a fingerprint that the rows are the inputs, each once and in their order. Memory does
/// not grow with the number of rows.
/// </remarks>
public static class DeviseJob
{
    /// <summary>Scores all inputs, or a shard of them, one row each, in input order.</summary>
    /// <param name="bundle">An opened bundle.</param>
    /// <param name="images">
    /// A folder (all images in and below it, in ordinal order of their relative paths; links to folders are not followed, hidden files and folders left out: <see cref="ScoreSummary"/> counts both); a pattern such as <c>photos/**/*.jpg</c>; or a
    /// <c>.csv</c> or <c>.parquet</c> with a <c>Path</c> column, whose relative paths start from the file's own folder and whose further
    /// columns go through to the scores. Rows name paths relative to the folder (of a pattern, the one before its first wildcard), or
    /// as the list has them.
    /// </param>
    /// <param name="output">A <c>.parquet</c>, <c>.csv</c> or <c>.jsonl</c> file (see <see cref="ScoreFile"/>).</param>
    /// <param name="options">k, labels, embeddings, shard, resuming; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Called after each row.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>; finished parts are kept.</param>
    /// <returns>Rows by status.</returns>
    /// <exception cref="DeviseInputException">No such input, another ending, an option that does not fit, parts of another job, or an output that is no file of scores.</exception>
    /// <exception cref="IOException">Another process is at work on the shard; or the disk is full or broken: finished parts are kept.</exception>
    /// <exception cref="TooManyErrorsException">More rows failed than <see cref="DeviseJobOptions.MaxErrors"/>.</exception>
    public static ScoreSummary Run(
        ModelBundle bundle, string images, string output, DeviseJobOptions? options = null, Action<ScoreProgress>? progress = null, CancellationToken cancellation = default)
    {
        options = Checked(bundle, output, options ?? new());
        if (WholeFile.Target(output) == WholeFile.Target(images)) throw new DeviseInputException($"{output}: both list of images and output, expected another file for the scores");
        using var inputs = ImageInputs.Open(images, options.Keep, output);
        return RunOver(bundle, inputs, output, options, progress, cancellation) with { LinkedFolders = inputs.LinkedFolders, Hidden = inputs.Hidden, Replaced = inputs.Replaced };
    }

    /// <summary>The same of inputs that are open already.</summary>
    internal static ScoreSummary RunOver(ModelBundle bundle, ImageInputs inputs, string output, DeviseJobOptions options, Action<ScoreProgress>? progress, CancellationToken cancellation)
    {
        options = Checked(bundle, output, options);
        WholeFile.CheckWritable(output);
        FinishedOutput.CheckReplaceable(output);
        var job = JobIdentity.Of(bundle, options, inputs, RowFingerprint.Of(inputs, cancellation));
        var (folder, shard) = (new PartFolder(output), options.Shard ?? JobShard.Whole);
        using var scorer = new JobScorer(bundle, options, inputs.Root, cancellation);
        // Of a process that does all, until the output is there and the parts are gone.
        using var held = folder.Lock(shard);

        if (options.Shard is null && options.Unfinished == UnfinishedJob.Resume && FinishedOutput.Find(output, job) is { } finished)
        {
            folder.Remove(shard, finished.Job);
            var whole = options.RetryFailed ? finished.Retry(inputs, scorer, progress, cancellation) : finished.Summary;
            if (options.MaxErrors is { } most && whole.Bad > most)
                throw new TooManyErrorsException($"{whole.Bad} of {whole.Rows} images could not be read, more than --max-errors {most}; {output} is complete and kept: put it right and try them again with --retry-failed, or raise --max-errors");
            return whole;
        }
        // Whoever goes on means what is there; that it would be replaced must be said, but by parts of this very job it has been.
        if (options.Shard is null && options.Unfinished == UnfinishedJob.Resume && !folder.Has(shard, job) && FinishedOutput.Difference(output, job) is { } other)
            throw new DeviseInputException($"{output}: a finished output of another job ({other}); put back what it had, replace it with --restart, or name another output");

        Prepare(folder, job, shard, options.Unfinished);
        var summary = new ShardRun(folder, job, shard, options, progress, cancellation).Run(inputs, scorer);
        if (options.Shard is null)
        {
            new JobMerge(output, null, cancellation).Run();
            folder.Remove(shard, job);
        }
        return summary;
    }

    /// <summary>Joins the parts of all shards into the output, in input order; the parts stay.</summary>
    /// <param name="output">The output as it was named to <see cref="Run"/>.</param>
    /// <param name="progress">Called after each row.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>; nothing is written then.</param>
    /// <returns>Rows by status.</returns>
    /// <exception cref="IOException">Another process writes the output.</exception>
    /// <exception cref="DeviseInputException">A shard is unfinished, a part is damaged, parts are of different jobs, or the output is there and no file of scores, or in it rows were mended that the parts have not.</exception>
    public static ScoreSummary Merge(string output, Action<ScoreProgress>? progress = null, CancellationToken cancellation = default)
    {
        var folder = new PartFolder(output);
        // Who joins writes the output, as a process does that does all. A folder that is not there must not come to be by asking.
        using var held = folder.Exists ? folder.Lock(JobShard.Whole) : null;
        return new JobMerge(output, progress, cancellation).Run(keepMended: true);
    }

    /// <summary>The options, once they are known to fit: before inputs are listed and before anything that lies there is removed.</summary>
    private static DeviseJobOptions Checked(ModelBundle bundle, string output, DeviseJobOptions options)
    {
        options = options.Validated();
        JobScorer.Check(bundle, options);
        IEnumerable<string> labels = (options.Labels ?? bundle.Labels).Names;
        ScoreFormats.Of(output).CheckLabels(options.Ranking.UnknownBelow is null ? labels : labels.Append(options.Ranking.UnknownLabel));
        return options;
    }

    /// <summary>Makes sure that what lies there belongs to this job, and removes what does not count.</summary>
    private static void Prepare(PartFolder folder, JobIdentity job, JobShard shard, UnfinishedJob unfinished)
    {
        var parts = folder.Committed();
        // One of the shard's own and one of another's: all of a shard's parts were checked when its process began. Who starts anew throws the
        // shard's own away, and the others may be next; only those of another number of shards could never be joined with the new ones.
        var compared = unfinished == UnfinishedJob.Restart
            ? folder.Jobs(parts.Where(part => part.Shard.Count != shard.Count)).Take(1)
            : folder.Jobs(parts.Where(part => part.Shard == shard)).Take(1).Concat(folder.Jobs(parts.Where(part => part.Shard != shard)).Take(1));
        foreach (var other in compared)
            if (other.Difference(job) is { } difference)
                throw new DeviseInputException($"{folder.Name}: parts of another job ({difference}); put back what it had and --resume, delete the folder, or name another output");
        folder.Clean(shard, all: unfinished == UnfinishedJob.Restart);
        if (unfinished == UnfinishedJob.Refuse && parts.Count(part => part.Shard == shard) is > 0 and var finished)
            throw new DeviseInputException($"{folder.Name}: {finished} finished parts of an earlier process; go on with --resume, or throw them away with --restart");
    }
}
