using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>Rows by status.</summary>
internal sealed class StatusCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<ImageStatus>().Length];

    public long Rows => _counts.Sum();

    public long Bad => Rows - _counts[(int)ImageStatus.Ok];

    public void Add(ImageStatus status) => _counts[(int)status]++;

    public void Add(IReadOnlyDictionary<string, long> counts)
    {
        foreach (var (name, count) in counts) _counts[(int)ImageStatusNames.Parse(name)] += count;
    }

    /// <summary>The statuses that occurred.</summary>
    public IReadOnlyDictionary<string, long> ToDictionary() =>
        Enum.GetValues<ImageStatus>().Where(status => _counts[(int)status] > 0).ToDictionary(status => status.Name(), status => _counts[(int)status]);
}
