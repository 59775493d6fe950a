using System.Globalization;

namespace MLNet.Devise.Jobs;

/// <summary>One of several processes that share a job. Shard i of N scores the i-th of N ranges of rows, as equal as can be.</summary>
/// <param name="Index">0 to <paramref name="Count"/> − 1.</param>
/// <param name="Count">Shards, 1 to 99,999.</param>
public readonly record struct JobShard(int Index, int Count)
{
    /// <summary>Most shards of a job.</summary>
    internal const int MostShards = 99_999;

    /// <summary>The only one of a process that does all, whose lock is the output's too.</summary>
    internal static JobShard Whole => new(0, 1);

    /// <summary>Reads <c>3/16</c> (the fourth of sixteen), or <c>auto</c>: what the scheduler says in the environment.</summary>
    /// <param name="text">The text.</param>
    /// <param name="environment">Looks a variable up; <see langword="null"/> for this process's environment.</param>
    /// <exception cref="DeviseInputException">Neither of both, out of range, or no scheduler's variables with <c>auto</c>.</exception>
    public static JobShard Parse(string text, Func<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "auto") return SchedulerShard.Find(environment ?? Environment.GetEnvironmentVariable);
        var parts = text.Split('/');
        return parts.Length == 2 && Number(parts[0]) is { } index && Number(parts[1]) is { } count
            ? new JobShard(index, count).Validated($"shard '{text}'")
            : throw new DeviseInputException($"shard '{text}', expected i/N such as 0/16, or auto");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    internal static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    internal JobShard Validated(string where) => Count is >= 1 and <= MostShards && Index >= 0 && Index < Count
        ? this
        : throw new DeviseInputException($"{where}: shard {Index} of {Count}, expected 0 to {Math.Max(Count, 1) - 1}: shards count from 0, 99,999 at most");

    /// <summary>The rows of this shard among all rows of the job: first, and one past the last.</summary>
    internal (long First, long End) Range(long rows) => (Bound(rows, Index), Bound(rows, Index + 1));

    private long Bound(long rows, int index) => (long)((Int128)rows * index / Count);
}
