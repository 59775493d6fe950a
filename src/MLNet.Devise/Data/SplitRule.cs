namespace MLNet.Devise.Data;

/// <summary>The seeded, stratified split: of each class, the files with the lowest hashes are held out.</summary>
internal static class SplitRule
{
    /// <summary>The paths of one class that validate: the nearest whole number to the fraction, at least 1 and never all.</summary>
    public static HashSet<string> Valid(IReadOnlyCollection<string> paths, ImageDatasetOptions options)
    {
        var count = Math.Clamp((int)Math.Round(paths.Count * options.ValidFraction), 1, Math.Max(1, paths.Count - 1));
        if (paths.Count < 2) return [];
        return [.. paths.OrderBy(path => StableHash.Of(path, options.Seed)).ThenBy(path => path, StringComparer.Ordinal).Take(count)];
    }
}
