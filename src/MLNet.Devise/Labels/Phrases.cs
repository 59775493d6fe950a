using System.Numerics.Tensors;

namespace MLNet.Devise.Labels;

/// <summary>Names of one or more words, and the spellings under which a file may have them.</summary>
internal static class Phrases
{
    private static readonly char[] Joints = ['+', ' ', '_'];
    private static readonly string[] Glues = ["_", "+", "-", ""];

    /// <summary>
    /// Spellings of the whole phrase, in the order they are tried: as it stands, joined in every way (<c>giant_panda</c>, <c>giant+panda</c>,
    /// <c>giant-panda</c>, <c>giantpanda</c>), each then in lower case, with a first capital, and with a capital for each word.
    /// </summary>
    public static IEnumerable<string> Whole(string name)
    {
        var words = Words(name);
        IEnumerable<string> Joined(Func<string, int, string> spell) => words.Length == 1 ? [spell(words[0], 0)] : Glues.Select(glue => string.Join(glue, words.Select(spell)));
        return ((IEnumerable<string>)[name, .. Joined((word, _) => word), Lower(name), .. Joined((word, _) => Lower(word)), .. Joined((word, i) => i == 0 ? Capital(word) : Lower(word)), .. Joined((word, _) => Capital(word))])
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>The words of a name.</summary>
    public static string[] Words(string name) => name.Split(Joints, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Spellings of a word within a phrase, in the order they are tried.</summary>
    public static IEnumerable<string> Part(string word) => ((IEnumerable<string>)[word, Lower(word), Capital(word)]).Distinct(StringComparer.Ordinal);

    /// <summary>Every spelling that may be looked up for these names, so that a reader can keep just these.</summary>
    public static HashSet<string> Spellings(IEnumerable<string> names) => new(names.SelectMany(name => Whole(name).Concat(Words(name).SelectMany(Part))), StringComparer.Ordinal);

    /// <summary>A name without regard to how its words are joined and to capitals: <c>Giant panda</c> → <c>giant+panda</c>.</summary>
    public static string Key(string name) => Lower(string.Join('+', Words(name)));

    /// <summary>Scales a vector to length 1; false for a vector without direction.</summary>
    public static bool TryNormalize(ReadOnlySpan<float> vector, Span<float> unit)
    {
        var norm = TensorPrimitives.Norm(vector);
        if (!(norm > 0) || !float.IsFinite(norm)) return false;
        TensorPrimitives.Divide(vector, norm, unit);
        return true;
    }

    private static string Lower(string word) => word.ToLowerInvariant();

    private static string Capital(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + Lower(word[1..]);
}
