using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels.FastText;

/// <summary>A model's words, left where they are in the file and found through a table of hashes.</summary>
internal sealed class FastTextDictionary
{
    private const int MaxWord = 1 << 16;

    private readonly MappedFile _file;
    private readonly long[] _places;
    private readonly int[] _lengths, _table;
    private readonly Dictionary<int, int>? _kept;

    /// <exception cref="DeviseInputException">The dictionary leaves the file, or is not as it says.</exception>
    public FastTextDictionary(MappedFile file, long at)
    {
        _file = file;
        if (file.Length - at < 28) throw FastTextHeader.Bad(file, "it ends before its dictionary");
        var (size, words, labels) = (file.Value<int>(at), file.Value<int>(at + 4), file.Value<int>(at + 8));
        (Tokens, var pruned) = (file.Value<long>(at + 12), file.Value<long>(at + 20));
        at += 28;
        // An entry takes 10 bytes at least, one of pruning 8.
        if (words < 1 || labels < 0 || size != (long)words + labels || size > (file.Length - at) / 10 || pruned < -1 || pruned > (file.Length - at) / 8 || Tokens < 0)
            throw FastTextHeader.Bad(file, $"a dictionary of {size} entries, {words} words and {labels} labels, {pruned} kept n-grams, in {file.Length:N0} bytes");
        (_places, _lengths) = (new long[words], new int[words]);
        for (var id = 0; id < size; id++) at = Entry(id, at);
        if (pruned > 0) at = Kept(pruned, at, _kept = new((int)pruned));
        else if (pruned == 0) _kept = [];
        End = at;
        _table = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)words * 2)];
        for (var id = words - 1; id >= 0; id--) _table[Slot(Word(id))] = id + 1;
    }

    public int Count => _places.Length;

    /// <summary>Words of the text that it was trained on.</summary>
    public long Tokens { get; }

    /// <summary>Where the matrices begin.</summary>
    public long End { get; }

    public ReadOnlySpan<byte> Word(int id) => _file.Span<byte>(_places[id], _lengths[id]);

    /// <summary>How often a word was there.</summary>
    public long Occurrences(int id) => _file.Value<long>(_places[id] + _lengths[id] + 1);

    public int IndexOf(ReadOnlySpan<byte> word) => _table[Slot(word)] - 1;

    /// <summary>Row of a bucket among those of all buckets, or −1 where pruning took it.</summary>
    public int RowOf(int bucket) => _kept is null ? bucket : _kept.GetValueOrDefault(bucket, -1);

    private int Slot(ReadOnlySpan<byte> word)
    {
        var slot = (int)(Subwords.Hash(word) & (uint)(_table.Length - 1));
        while (_table[slot] != 0 && !Word(_table[slot] - 1).SequenceEqual(word)) slot = slot + 1 & _table.Length - 1;
        return slot;
    }

    /// <summary>A word with a zero after it, how often it was there, and whether it is a label; words come first.</summary>
    private long Entry(int id, long at)
    {
        var length = _file.Span<byte>(at, (int)Math.Min(_file.Length - at, MaxWord)).IndexOf((byte)0);
        if (length < 0 || _file.Length - at - length < 10) throw FastTextHeader.Bad(_file, $"entry {id + 1} of its dictionary does not end");
        var kind = _file.Value<byte>(at + length + 9);
        if (kind != (id < Count ? 0 : 1)) throw FastTextHeader.Bad(_file, $"entry {id + 1} of its dictionary is of kind {kind}");
        if (id < Count) (_places[id], _lengths[id]) = (at, length);
        return at + length + 10;
    }

    private long Kept(long pruned, long at, Dictionary<int, int> kept)
    {
        if (pruned > (_file.Length - at) / 8) throw FastTextHeader.Bad(_file, $"{pruned} kept n-grams in {_file.Length - at:N0} bytes");
        for (var i = 0; i < pruned; i++, at += 8) kept[_file.Value<int>(at)] = _file.Value<int>(at + 4);
        return at;
    }
}
