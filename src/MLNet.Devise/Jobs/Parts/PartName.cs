using System.Globalization;
using System.Text.RegularExpressions;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>Names of a part's files; in ordinal order they are in the order of the inputs.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Part">The part's number within it, from 0.</param>
internal readonly partial record struct PartName(JobShard Shard, int Part)
{
    /// <summary>The rows.</summary>
    public string Rows => $"{Stem(Shard)}.{Part:D6}.parquet";

    /// <summary>The commit marker: without it the rows do not count.</summary>
    public string Marker => $"{Stem(Shard)}.{Part:D6}.stats.json";

    public static string Lock(JobShard shard) => $"{Stem(shard)}.lock";

    /// <summary>Files of a shard of any kind, finished or not.</summary>
    public static string Pattern(JobShard shard) => $"{Stem(shard)}.*";

    /// <summary>Reads a marker's name back.</summary>
    public static PartName? OfMarker(string name)
    {
        var match = MarkerPattern().Match(name);
        if (!match.Success) return null;
        int Number(int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
        return new(new(Number(1), Number(2)), Number(3));
    }

    private static string Stem(JobShard shard) => string.Create(CultureInfo.InvariantCulture, $"part-{shard.Index:D5}-of-{shard.Count:D5}");

    [GeneratedRegex(@"^part-(\d{5})-of-(\d{5})\.(\d{6,9})\.stats\.json$", RegexOptions.CultureInvariant)]
    private static partial Regex MarkerPattern();
}
