using System.Numerics;

namespace MLNet.Devise.Search.Storage;

/// <summary>A set of rows that does not change; making another one copies a bit a row.</summary>
internal sealed class RowBits
{
    public static readonly RowBits None = new([], 0);
    private readonly ulong[] _words;

    /// <param name="words">Row r is bit r mod 64 of word r ÷ 64; rows beyond are not in the set.</param>
    public RowBits(ulong[] words) : this(words, words.Sum(word => (long)BitOperations.PopCount(word))) { }

    private RowBits(ulong[] words, long count) => (_words, Count) = (words, (int)count);

    /// <summary>Rows in the set.</summary>
    public int Count { get; }

    public ReadOnlySpan<ulong> Words => _words;

    public bool this[int row] => row >> 6 < _words.Length && (_words[row >> 6] >> row & 1) != 0;

    /// <summary>These rows and others.</summary>
    public RowBits With(IReadOnlyCollection<int> rows)
    {
        if (rows.Count == 0) return this;
        var words = new ulong[Math.Max(_words.Length, (rows.Max() >> 6) + 1)];
        _words.CopyTo(words, 0);
        var count = Count;
        foreach (var row in rows)
        {
            if ((words[row >> 6] >> row & 1) == 0) count++;
            words[row >> 6] |= 1ul << row;
        }
        return new(words, count);
    }
}
