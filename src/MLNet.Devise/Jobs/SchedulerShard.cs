namespace MLNet.Devise.Jobs;

/// <summary>The shard that a cluster's scheduler gave this process.</summary>
internal static class SchedulerShard
{
    /// <summary>
    /// Kubernetes sets <c>JOB_COMPLETION_INDEX</c> in an Indexed Job but not the number of completions: the job's file sets
    /// <c>JOB_COMPLETIONS</c>. Slurm sets <c>SLURM_ARRAY_TASK_ID</c> and, of the same array, <c>_COUNT</c>, <c>_MIN</c> and <c>_STEP</c>.
    /// </summary>
    public static JobShard Find(Func<string, string?> environment)
    {
        int? Number(string name) => environment(name) is not { Length: > 0 } text ? null
            : JobShard.Number(text) ?? throw new DeviseInputException($"{name} is '{text}', expected a whole number");

        if (Number("JOB_COMPLETION_INDEX") is { } index)
            return Number("JOB_COMPLETIONS") is { } completions
                ? new JobShard(index, completions).Validated("JOB_COMPLETION_INDEX and JOB_COMPLETIONS")
                : throw new DeviseInputException("JOB_COMPLETION_INDEX is set but JOB_COMPLETIONS is not; set it to the job's number of completions");
        if (Number("SLURM_ARRAY_TASK_ID") is { } task)
        {
            if (Number("SLURM_ARRAY_TASK_COUNT") is not { } count) throw new DeviseInputException("SLURM_ARRAY_TASK_ID is set but SLURM_ARRAY_TASK_COUNT is not; name the shard as i/N");
            var step = Math.Max(Number("SLURM_ARRAY_TASK_STEP") ?? 1, 1);
            var first = Number("SLURM_ARRAY_TASK_MIN") ?? 0;
            // A list such as --array=3,7 has no step: its tasks cannot be counted from their numbers.
            return (task - first) % step == 0
                ? new JobShard((task - first) / step, count).Validated($"SLURM_ARRAY_TASK_ID {task}, _MIN {first}, _STEP {step}, _COUNT {count}")
                : throw new DeviseInputException($"SLURM_ARRAY_TASK_ID {task} is not {first} plus a multiple of {step}; name the shard as i/N");
        }
        throw new DeviseInputException("shard 'auto': neither JOB_COMPLETION_INDEX (Kubernetes) nor SLURM_ARRAY_TASK_ID (Slurm) is set; name the shard as i/N");
    }
}
