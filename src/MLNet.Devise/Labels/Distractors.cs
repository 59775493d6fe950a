using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels;

/// <summary>
/// Words that no image shows, to compete as wrong labels: the first of the vector file. None is, in any letter case, a label, a spelling
/// of one, a word of one, or the plural of these: the names of unseen classes must not leak into training.
/// </summary>
internal static class Distractors
{
    /// <summary>Reads the file as far as need be.</summary>
    /// <param name="vecPath">Word vectors of any kind.</param>
    /// <param name="count">How many words, at least 0.</param>
    /// <param name="names">Every class name there is, seen, unseen or left out.</param>
    /// <param name="transform">What the label vectors went through; null for nothing.</param>
    /// <param name="phrases">How labels are found: their aliases leak as much as they do; null takes the defaults.</param>
    /// <returns>Their unit vectors, row-major; fewer than <paramref name="count"/> where the file has no more.</returns>
    /// <exception cref="DeviseInputException">The file is missing or a line is not as expected.</exception>
    public static float[] Read(string vecPath, int count, IReadOnlyCollection<string> names, LabelTransform? transform, PhraseOptions? phrases = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0) return [];
        var taken = new HashSet<string>(PhraseFinder.Spellings(names, phrases ?? new()), StringComparer.OrdinalIgnoreCase);
        using var reader = VectorReader.Open(vecPath, word => !IsTaken(word, taken));
        var (unit, vectors, found) = (new float[reader.Dimension], new List<float>(), new HashSet<string>(StringComparer.Ordinal));
        while (found.Count < count && reader.TryRead(out var batch))
            for (var i = 0; i < batch.Count && found.Count < count; i++)
            {
                if (found.Contains(batch.Word(i)) || !(transform is null ? Phrases.TryNormalize(batch.Vector(i), unit) : transform.TryApply(batch.Vector(i), unit))) continue;
                found.Add(batch.Word(i));
                vectors.AddRange(unit);
            }
        return [.. vectors];
    }

    private static bool IsTaken(string word, HashSet<string> taken) =>
        taken.Contains(word) || IsPluralOfTaken(word, "s", taken) || IsPluralOfTaken(word, "es", taken);

    private static bool IsPluralOfTaken(string word, string ending, HashSet<string> taken) =>
        word.Length > ending.Length && word.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && taken.Contains(word[..^ending.Length]);
}
