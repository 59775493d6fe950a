using System.Numerics.Tensors;

namespace MLNet.Devise.Labels;

/// <summary>
/// Finds the vector of a name of one or more words: an entry for the whole phrase if there is one (<c>giant+panda</c>,
/// <c>giant_panda</c>, <c>giant-panda</c>, <c>giantpanda</c>, any of them in lower case), else the mean of the unit vectors of its words.
/// </summary>
internal static class Phrases
{
    private static readonly char[] Joints = ['+', ' ', '_'];
    private static readonly string[] Glues = ["_", "+", "-", ""];

    /// <summary>Spellings of the whole phrase, in the order they are tried.</summary>
    public static IEnumerable<string> Whole(string name)
    {
        var words = Words(name);
        IEnumerable<string> spelled = [name, .. words.Length == 1 ? [words[0]] : Glues.Select(glue => string.Join(glue, words))];
        return spelled.Concat(spelled.Select(Lower)).Distinct(StringComparer.Ordinal);
    }

    /// <summary>The words of a name.</summary>
    public static string[] Words(string name) => name.Split(Joints, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Every spelling that <see cref="TryFind"/> may look up for these names, so that a reader can keep just these.</summary>
    public static HashSet<string> Spellings(IEnumerable<string> names) =>
        new(names.SelectMany(name => Whole(name).Concat(Words(name)).Concat(Words(name).Select(Lower))), StringComparer.Ordinal);

    /// <summary>Unit vector of a name and how it was made (<c>exact giant_panda</c> or <c>mean of giant, panda</c>).</summary>
    public static bool TryFind(string name, WordVectors words, Span<float> unit, out string how)
    {
        foreach (var spelled in Whole(name))
        {
            if (!words.TryGet(spelled, out var vector) || !TryNormalize(vector, unit)) continue;
            how = $"exact {spelled}";
            return true;
        }
        how = "";
        var parts = Words(name).Select(word => words.Contains(word) ? word : Lower(word)).ToArray();
        if (parts.Length < 2 || !parts.All(words.Contains)) return false;
        var sum = new float[words.Dimension];
        foreach (var part in parts)
        {
            words.TryGet(part, out var vector);
            if (!TryNormalize(vector, unit)) return false;
            TensorPrimitives.Add(sum, unit, sum);
        }
        how = $"mean of {string.Join(", ", parts)}";
        return TryNormalize(sum, unit);
    }

    /// <summary>Scales a vector to length 1; false for a vector without direction.</summary>
    public static bool TryNormalize(ReadOnlySpan<float> vector, Span<float> unit)
    {
        var norm = TensorPrimitives.Norm(vector);
        if (!(norm > 0) || !float.IsFinite(norm)) return false;
        TensorPrimitives.Divide(vector, norm, unit);
        return true;
    }

    private static string Lower(string word) => word.ToLowerInvariant();
}
