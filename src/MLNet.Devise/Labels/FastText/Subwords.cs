namespace MLNet.Devise.Labels.FastText;

/// <summary>
/// Character n-grams of a word and the buckets they fall into, as fastText has them (Bojanowski et al. 2017, <i>Enriching Word Vectors with
/// Subword Information</i>): of the word between <c>&lt;</c> and <c>&gt;</c>, counted in UTF-8 characters, hashed by 32-bit FNV-1a whose
/// bytes are taken as signed ones, a quirk of the authors' program that all its models rest on.
/// </summary>
internal static class Subwords
{
    /// <summary>Adds the bucket of every n-gram to a list.</summary>
    /// <param name="word">UTF-8.</param>
    /// <param name="shortest">Fewest characters, at least 0.</param>
    /// <param name="longest">Most characters; 0 makes none.</param>
    /// <param name="buckets">How many there are; 0 makes none.</param>
    /// <param name="found">Receives the buckets, an n-gram that is there twice twice.</param>
    public static void Collect(ReadOnlySpan<byte> word, int shortest, int longest, int buckets, List<int> found)
    {
        if (longest <= 0 || buckets <= 0) return;
        var length = word.Length + 2;
        Span<byte> bytes = length <= 512 ? stackalloc byte[512] : new byte[length];
        bytes = bytes[..length];
        bytes[0] = (byte)'<';
        word.CopyTo(bytes[1..]);
        bytes[^1] = (byte)'>';
        for (var first = 0; first < length; first++)
        {
            if (Continues(bytes[first])) continue;
            var hash = Seed;
            var (end, characters) = (first, 1);
            for (; end < length && characters <= longest; characters++)
            {
                do hash = Append(hash, bytes[end++]); while (end < length && Continues(bytes[end]));
                // The brackets alone are no n-gram.
                if (characters >= shortest && !(characters == 1 && (first == 0 || end == length))) found.Add((int)(hash % (uint)buckets));
            }
        }
    }

    /// <summary>fastText's hash of some bytes.</summary>
    public static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = Seed;
        foreach (var value in bytes) hash = Append(hash, value);
        return hash;
    }

    private const uint Seed = 2166136261;

    private static uint Append(uint hash, byte value) => (hash ^ (uint)(sbyte)value) * 16777619;

    private static bool Continues(byte value) => (value & 0xC0) == 0x80;
}
