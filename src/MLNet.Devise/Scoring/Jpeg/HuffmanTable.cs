using System.Numerics;
using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// A Huffman code (ISO/IEC 10918-1, annex C) as a table of what the next bits may be, so that nearly every symbol takes one look, and
/// those of long codes two.
/// </summary>
internal sealed class HuffmanTable
{
    /// <summary>Bits of a first look.</summary>
    public const int LookBits = 11;

    /// <summary>Places that end a block, and those of bits that have no meaning: both more than a block has.</summary>
    public const int EndPlaces = 128, WrongPlaces = 64;

    // Of the longest code, of a second look, and of a value that is not a block's first.
    private const int MostBits = 16, MoreBits = MostBits - LookBits, MostValueBits = 10;
    private const uint NoCode = (uint)WrongPlaces << 24, Least = 1 << 24;

    // The looks of long codes come after those of all first bits: their codes follow one another, from this prefix on.
    private readonly uint[] _looks;
    private readonly int _firstLong;

    private HuffmanTable(int firstLong, int prefixes)
    {
        (_firstLong, _looks) = (firstLong, new uint[(1 << LookBits) + (prefixes << MoreBits)]);
        Array.Fill(_looks, NoCode);
        for (var i = 0; i < prefixes; i++) _looks[firstLong + i] = (uint)((1 << LookBits) + (i << MoreBits));
    }

    /// <summary>
    /// What begins with these <see cref="LookBits"/> bits, the same for every symbol, so that reading need not tell them apart: in bits 0
    /// to 7 how many bits code and value take, 8 to 15 the bits of the code, 16 to 23 what the bits of the value lack of 63, 24 to 31 how
    /// many places the symbol goes on: 0 only where a second look is needed, of <see cref="MoreBits"/> more bits, which begin at bits 0 to 23.
    /// </summary>
    public ReadOnlySpan<uint> Looks => _looks;

    /// <summary><see langword="null"/> where the lengths make no code.</summary>
    /// <param name="counts">How many codes have 1, 2 to 16 bits.</param>
    /// <param name="symbols">Their symbols, in the order of the codes.</param>
    /// <param name="isFirst">Whether they are those of blocks' first coefficients: the bits of a value, and nothing else.</param>
    public static HuffmanTable? TryBuild(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, bool isFirst)
    {
        // Codes aligned to the longest: where those that need a second look begin, and where all of them end.
        var (begin, end) = (0, 0);
        for (var length = 1; length <= MostBits; length++)
        {
            end += counts[length - 1] << MostBits - length;
            if (length == LookBits) begin = end;
            if (end > (1 << MostBits) - (1 << MostBits - length) && counts[length - 1] > 0) return null; // no code is all ones
        }
        var (table, index) = (new HuffmanTable(begin >> MoreBits, end == begin ? 0 : (end - 1 >> MoreBits) - (begin >> MoreBits) + 1), 0);
        for (int length = 1, code = 0; length <= MostBits; length++)
            for (var i = 0; i < counts[length - 1]; i++, code += 1 << MostBits - length)
                table.Fill(code, length, Look(length, symbols[index++], isFirst));
        return table;
    }

    /// <summary>What the next bits are.</summary>
    /// <param name="looks">The first of <see cref="Looks"/>.</param>
    /// <param name="bits">From the highest down.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Look(ref uint looks, ulong bits)
    {
        var look = Unsafe.Add(ref looks, (nint)(bits >> 64 - LookBits));
        return look >= Least ? look : Unsafe.Add(ref looks, (nint)look + (nint)(bits << LookBits >> 64 - MoreBits));
    }

    /// <summary>The value behind a symbol: the lower half of those with as many bits are the negative ones (F.2.2.1, EXTEND).</summary>
    /// <param name="bits">The next bits, from the highest down.</param>
    /// <param name="look">What they are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Value(ulong bits, uint look)
    {
        var value = bits << (int)BitOperations.RotateRight(look, 8);
        var negative = ~((long)value >> 63);
        return (int)(((long)((value ^ (ulong)negative) >> 1 >> (int)BitOperations.RotateRight(look, 16)) ^ negative) - negative);
    }

    private static uint Look(int length, int symbol, bool isFirst)
    {
        var (run, size) = (symbol >> 4, symbol & 15);
        var places = isFirst ? 1 : symbol == 0 ? EndPlaces : size > MostValueBits || (size == 0 && run < 15) ? WrongPlaces : run + 1;
        return (uint)(places << 24 | 63 - size << 16 | length << 8 | length + size);
    }

    /// <summary>Everything that begins with a code, aligned to <see cref="MostBits"/>.</summary>
    private void Fill(int code, int length, uint look)
    {
        if (length <= LookBits) _looks.AsSpan(code >> MoreBits, 1 << LookBits - length).Fill(look);
        else _looks.AsSpan((1 << LookBits) + code - (_firstLong << MoreBits), 1 << MostBits - length).Fill(look);
    }
}
