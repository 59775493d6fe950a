namespace MLNet.Devise.Jobs.Parts;

/// <summary>How a job's rows are cut: shards into parts.</summary>
internal static class PartPlan
{
    /// <summary>The parts of a shard in order: which rows each has, of all the job's.</summary>
    public static IEnumerable<PlannedPart> Of(JobIdentity job, JobShard shard)
    {
        var (first, end) = shard.Range(job.Rows);
        for (var part = 0; first + (long)part * job.PartRows is var start && start < end; part++)
            yield return new(new(shard, part), start, (int)Math.Min(job.PartRows, end - start));
    }

    /// <summary>All parts of all shards: together they have every row once, in order.</summary>
    public static IEnumerable<PlannedPart> Of(JobIdentity job) =>
        Enumerable.Range(0, job.Shards).SelectMany(index => Of(job, new JobShard(index, job.Shards)));
}

/// <summary>A part as it is to be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="FirstRow">Position of its first row among all inputs.</param>
/// <param name="Rows">Its rows.</param>
internal readonly record struct PlannedPart(PartName Name, long FirstRow, int Rows);
