namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>A Huffman code (ISO/IEC 10918-1, annex C) as a table of what the next bits may be, so that nearly every symbol takes one look.</summary>
internal sealed class HuffmanTable
{
    /// <summary>Bits of a look.</summary>
    public const int LookBits = 11;

    /// <summary>Bits of the longest code.</summary>
    private const int MostBits = 16;

    private readonly byte[] _symbols;
    // By length: the first code that is longer, aligned to 16 bits, and what leads from a code to its symbol.
    private readonly int[] _ends = new int[MostBits + 1], _offsets = new int[MostBits + 1];

    private HuffmanTable(byte[] symbols) => _symbols = symbols;

    /// <summary>
    /// What begins with these <see cref="LookBits"/> bits. Where a value ends within them: the bits to take in bits 0 to 7, one more than
    /// the run before it in bits 8 to 15, and the value above. Else the bits of the code, the symbol above, and zero: the symbol is a run
    /// in the upper half and the bits of a value in the lower. Nothing but zero: a longer code, or none.
    /// </summary>
    public int[] Looks { get; } = new int[1 << LookBits];

    /// <summary><see langword="null"/> where the lengths make no code.</summary>
    /// <param name="counts">How many codes have 1, 2 to 16 bits.</param>
    /// <param name="symbols">Their symbols, in the order of the codes.</param>
    public static HuffmanTable? TryBuild(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        var table = new HuffmanTable(symbols.ToArray());
        var (code, index) = (0, 0);
        for (var length = 1; length <= MostBits; length++, code <<= 1)
        {
            table._offsets[length] = index - code;
            for (var i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                if (code >= 1 << length) return null;
                if (length <= LookBits) table.Fill(code << LookBits - length, length, symbols[index]);
            }
            if (code >= 1 << length && counts[length - 1] > 0) return null; // no code is all ones
            table._ends[length] = code << MostBits - length;
        }
        return table;
    }

    /// <summary>The look of a symbol whose code is longer; zero where there is none.</summary>
    /// <param name="bits">The next 16.</param>
    public int Find(int bits)
    {
        for (var length = LookBits + 1; length <= MostBits; length++)
            if (bits < _ends[length]) return _symbols[_offsets[length] + (bits >> MostBits - length)] << 8 | length;
        return 0;
    }

    /// <summary>A value of so many bits: the lower half of them are the negative ones (F.2.2.1, EXTEND).</summary>
    public static int Extend(int value, int bits) => value < 1 << bits - 1 ? value - (1 << bits) + 1 : value;

    /// <summary>Everything that begins with a code.</summary>
    private void Fill(int first, int length, int symbol)
    {
        var (size, free) = (symbol & 15, LookBits - length);
        for (var rest = 0; rest < 1 << free; rest++)
            Looks[first + rest] = size > 0 && size <= free
                ? Extend(rest >> free - size, size) << 16 | (symbol >> 4) + 1 << 8 | length + size
                : symbol << 8 | length;
    }
}
