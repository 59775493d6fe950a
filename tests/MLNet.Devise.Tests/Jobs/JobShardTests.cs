using MLNet.Devise.Jobs;

namespace MLNet.Devise.Tests.Jobs;

public sealed class JobShardTests
{
    [Theory]
    [InlineData(0, 1), InlineData(1, 3), InlineData(5, 16), InlineData(16, 16), InlineData(10_000_001, 7), InlineData(9_000_000_000_000, 99_999)]
    public void Ranges_cover_every_row_once_and_are_equal_but_for_one(long rows, int count)
    {
        var next = 0L;
        for (var i = 0; i < count; i++)
        {
            var (first, end) = new JobShard(i, count).Range(rows);
            Assert.Equal(next, first);
            Assert.InRange(end - first, rows / count, rows / count + 1);
            next = end;
        }
        Assert.Equal(rows, next);
    }

    [Fact]
    public void Texts_are_read()
    {
        Assert.Equal(new JobShard(3, 16), JobShard.Parse("3/16"));
        Assert.Equal("3/16", new JobShard(3, 16).ToString());
        foreach (var text in (string[])["", "3", "16/16", "-1/4", "1/0", "0/100000", "a/b", "1/2/3", " 1/2", "1.0/2"]) Assert.Throws<DeviseInputException>(() => JobShard.Parse(text));
        Assert.Contains("shards count from 0", Assert.Throws<DeviseInputException>(() => JobShard.Parse("4/4")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JOB_COMPLETION_INDEX=3 JOB_COMPLETIONS=16", 3, 16)]
    [InlineData("SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=16", 3, 16)]
    [InlineData("SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=1", 0, 4)]
    [InlineData("SLURM_ARRAY_TASK_ID=12 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_STEP=4", 3, 4)]
    public void The_schedulers_environment_is_understood(string environment, int index, int count) =>
        Assert.Equal(new JobShard(index, count), JobShard.Parse("auto", Variables(environment)));

    [Theory]
    [InlineData("", "neither JOB_COMPLETION_INDEX")]
    [InlineData("JOB_COMPLETION_INDEX=3", "JOB_COMPLETIONS is not; set it to the job's number of completions")]
    [InlineData("JOB_COMPLETION_INDEX=x JOB_COMPLETIONS=4", "JOB_COMPLETION_INDEX is 'x'")]
    [InlineData("JOB_COMPLETION_INDEX=4 JOB_COMPLETIONS=4", "shard 4 of 4")]
    [InlineData("SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_COUNT is not")]
    [InlineData("SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3", "shard 4 of 2")]
    [InlineData("SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_STEP=3", "is not 3 plus a multiple of 3")]
    public void An_environment_that_does_not_say_which_shard_is_refused(string environment, string expected) =>
        Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => JobShard.Parse("auto", Variables(environment))).Message, StringComparison.Ordinal);

    private static Func<string, string?> Variables(string text)
    {
        var variables = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => variables.GetValueOrDefault(name);
    }
}
