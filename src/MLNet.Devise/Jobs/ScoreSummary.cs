namespace MLNet.Devise.Jobs;

/// <summary>How far a process of a job has come.</summary>
/// <param name="Done">Rows written or found done.</param>
/// <param name="Bad">Rows among them whose status is not <c>ok</c>.</param>
/// <param name="Total">Rows there will be in this process's share.</param>
/// <param name="Resumed">Rows among <paramref name="Done"/> that an earlier process had done.</param>
public readonly record struct ScoreProgress(long Done, long Bad, long Total, long Resumed = 0);

/// <summary>What a process of a job has done.</summary>
/// <param name="Rows">Rows in its share, one an input.</param>
/// <param name="ByStatus">Rows of each status that occurred, by its text (<c>ok</c>, <c>missing</c> …).</param>
/// <param name="Resumed">Rows that an earlier process had done.</param>
/// <param name="Retried">Rows tried again.</param>
/// <param name="LinkedFolders">Links to folders among the inputs, which were not followed.</param>
/// <param name="Hidden">Hidden files and folders among the inputs, which were left out.</param>
public sealed record ScoreSummary(long Rows, IReadOnlyDictionary<string, long> ByStatus, long Resumed = 0, long Retried = 0, int LinkedFolders = 0, int Hidden = 0)
{
    /// <summary>Columns of the list of images that did not go through, because the scores have columns of these names.</summary>
    public IReadOnlyList<string> Replaced { get; init; } = [];

    /// <summary>Rows whose status is not <c>ok</c>.</summary>
    internal long Bad => Rows - ByStatus.GetValueOrDefault("ok");
}
