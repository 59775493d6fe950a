using MLNet.Devise.Data;
using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>Joins a job's parts into its output, once it is certain that every input is there exactly once and in order.</summary>
internal sealed class JobMerge(string output, Action<ScoreProgress>? progress, CancellationToken cancellation)
{
    private readonly PartFolder _folder = new(output);
    private readonly StatusCounts _counts = new();

    /// <param name="keepMended">Whether an output of the same job that has fewer bad rows than the parts is refused instead of replaced.</param>
    /// <exception cref="DeviseInputException">Parts are missing, damaged or of different jobs, or would undo what was mended.</exception>
    public ScoreSummary Run(bool keepMended = false)
    {
        var format = ScoreFormats.Of(output);
        FinishedOutput.CheckReplaceable(output);
        var parts = _folder.Committed();
        if (parts.Count == 0) throw new DeviseInputException($"{_folder.Name}: {(_folder.Exists ? "no finished part in it" : "no such folder")}, expected the parts of {output} as 'devise score --shard' leaves them");
        var job = Marked(parts[0]).Job;
        CheckComplete(job, parts);
        var bad = PartPlan.Of(job).Sum(part => Check(job, part).Bad);
        if (keepMended && FinishedOutput.Find(output, job) is { } finished && finished.Bad < bad)
            throw new DeviseInputException($"{output}: {finished.Bad} rows in it could not be read, {bad} in the parts: it was tried again since they were joined; run the shards with --retry-failed first, or delete it to join them as they are");
        FinishedOutput.Clean(output);
        WholeFile.Write(output, stream => format.Write(stream, Rows(job), job.Schema));
        StatsFile.Of(output, job, 0, _counts).Write(FinishedOutput.StatsPath(output));
        return new(job.Rows, _counts.ToDictionary());
    }

    private void CheckComplete(JobIdentity job, IReadOnlyList<PartName> parts)
    {
        var counts = parts.Select(part => part.Shard.Count).Distinct().ToArray();
        if (counts.Length > 1 || counts[0] != job.Shards) throw new DeviseInputException($"{_folder.Name}: parts of {string.Join(" and of ", counts.Order())} shards, expected those of one job; delete the others");
        var (there, planned) = (parts.ToHashSet(), PartPlan.Of(job).GroupBy(part => part.Name.Shard.Index).ToArray());
        var lacking = planned.Select(shard => (Index: shard.Key, Missing: shard.Count(part => !there.Remove(part.Name)), All: shard.Count())).Where(shard => shard.Missing > 0).ToArray();
        if (lacking.Length > 0)
        {
            var first = string.Join(", ", lacking.Take(10).Select(shard => $"{shard.Index} ({shard.Missing} of its {shard.All} parts)"));
            throw new DeviseInputException($"{_folder.Name}: {planned.Length - lacking.Length} of {planned.Length} shards are complete, unfinished {(lacking.Length == 1 ? "is" : "are")} {first}{(lacking.Length > 10 ? $" and {lacking.Length - 10} more" : "")}; run them with --resume, then merge again");
        }
        if (there.Count > 0) throw new DeviseInputException($"{_folder.Name}: {there.First().Marker} belongs to no part of this job; delete it");
    }

    private StatsFile Marked(PartName part) => StatsFile.TryRead(_folder.Marker(part))
        ?? throw new DeviseInputException($"{_folder.Name}: {part.Marker} has just gone: its shard is at work; merge again once it is done");

    private StatsFile Check(JobIdentity job, PlannedPart part)
    {
        cancellation.ThrowIfCancellationRequested();
        var stats = Marked(part.Name);
        if (stats.Job.Difference(job) is { } difference) throw new DeviseInputException($"{_folder.Name}: {part.Name.Marker} is of another job than the first part: {difference}; delete it and run its shard with --resume");
        if (stats.FirstRow != part.FirstRow || stats.Rows != part.Rows) throw new DeviseInputException($"{_folder.Name}: {part.Name.Marker} has {stats.Rows} rows from {stats.FirstRow}, expected {part.Rows} from {part.FirstRow}; delete it and run its shard with --resume");
        if (!stats.Fits(_folder.Rows(part.Name), deep: true)) throw new DeviseInputException($"{_folder.Name}: {part.Name.Rows} is missing or not as it was written; delete its .stats.json and run its shard with --resume");
        return stats;
    }

    private IEnumerable<ScoreRow> Rows(JobIdentity job)
    {
        var fingerprint = new RowFingerprint();
        foreach (var part in PartPlan.Of(job))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var row in ParquetScores.Read(_folder.Rows(part.Name)))
            {
                fingerprint.Add(row.Image.Path, row.Kept);
                _counts.Add(row.Image.Status);
                progress?.Invoke(new(_counts.Rows, _counts.Bad, job.Rows));
                yield return row;
            }
        }
        if (fingerprint.Rows != job.Rows || fingerprint.Value != job.Inputs)
            throw new DeviseInputException($"{_folder.Name}: the rows are not the inputs that the job began with: the list of images changed while it ran; delete the folder and start again");
    }
}
