using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MLNet.Devise.Labels.Files;

/// <summary>
/// Numbers written as text → single precision, always the value that <see cref="float.Parse(string)"/> gives. Up to 15 or so digits and a
/// small power of ten are exact as doubles, so one multiplication or division rounds correctly (Clinger 1990, the fast path); rounding that
/// once more to single precision is wrong only where the double lies exactly between two floats. All else goes to the framework.
/// </summary>
internal static class FloatText
{
    private const ulong ExactWhole = 1UL << 53;

    private static ReadOnlySpan<ulong> WholePowers => [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    private static ReadOnlySpan<double> Powers => [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    /// <summary>Reads exactly as many numbers as there is room for, one space between them and nothing after them.</summary>
    /// <returns>False where the text is anything else, or a number is not finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a file is read before a tier of compilation is over
    public static bool TryReadRow(ReadOnlySpan<byte> text, Span<float> values)
    {
        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0 && ((uint)at >= (uint)text.Length || text[at++] != ' ')) return false;
            if (!TryRead(text, ref at, out values[i])) return false;
        }
        return at == text.Length;
    }

    /// <summary>Whether the text is a number, finite or not.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>Reads the number that goes from <paramref name="at"/> to the next space or the end, and moves there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool TryRead(ReadOnlySpan<byte> text, ref int at, out float value)
    {
        var (i, digits, whole, power) = (at, 0, 0UL, 0);
        // Signs cannot be foreseen, so there is no branch for them: 1 where the bits are those of '-', else 0.
        var negative = (uint)i < (uint)text.Length ? (int)((uint)((text[i] ^ '-') - 1) >> 31) : 0;
        i += negative;
        uint digit;
        for (var first = i; ; i++)
        {
            if ((uint)i >= (uint)text.Length || (digit = (uint)text[i] - '0') > 9) { digits = i - first; break; }
            whole = whole * 10 + digit;
        }
        if ((uint)i < (uint)text.Length && text[i] == '.')
        {
            var first = ++i;
            if (text.Length - i >= 8)
            {
                var (value8, length) = Digits(BinaryPrimitives.ReadUInt64LittleEndian(text[i..]));
                whole = whole * WholePowers[length] + value8;
                i += length;
            }
            for (; (uint)i < (uint)text.Length && (digit = (uint)text[i] - '0') <= 9; i++) whole = whole * 10 + digit;
            power = first - i;
            digits -= power;
        }
        if ((uint)i < (uint)text.Length && text[i] != ' ')
        {
            // Copies: what is handed out by reference is kept in memory from the beginning.
            var (end, scaled) = (i, power);
            if (!TryPower(text, ref end, ref scaled)) return Slow(text, ref at, out value);
            (i, power) = (end, scaled);
        }
        if (digits is 0 or > 19 || whole > ExactWhole || power is < -22 or > 22) return Slow(text, ref at, out value);
        var exact = power < 0 ? whole / Powers[-power] : whole * Powers[power];
        // Exactly in the middle of two floats: the digits that are rounded off decide.
        if ((BitConverter.DoubleToUInt64Bits(exact) & 0x1FFF_FFFF) == 0x1000_0000) return Slow(text, ref at, out value);
        value = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits((float)exact) | negative << 31);
        at = i;
        return true;
    }

    /// <summary>The number that eight bytes begin with and its digits, found without a loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Value, int Length) Digits(ulong bytes)
    {
        // The high bit of the first byte that is no digit is set; what the carry does to later ones does not matter.
        var others = (bytes + 0x4646464646464646 | bytes - 0x3030303030303030) & 0x8080808080808080;
        var length = BitOperations.TrailingZeroCount(others) >> 3;
        if (length == 0) return (0, 0);
        // Leading zeros come in where other bytes go out; then neighbours are joined: 1 digit, 2, 4, 8.
        bytes = bytes - 0x3030303030303030 << (8 - length) * 8;
        bytes = bytes * 10 + (bytes >> 8);
        return ((uint)((bytes & 0x000000FF000000FF) * 0x000F424000000064 + (bytes >> 16 & 0x000000FF000000FF) * 0x0000271000000001 >> 32), length);
    }

    /// <summary>An exponent of one or two digits after the number.</summary>
    private static bool TryPower(ReadOnlySpan<byte> text, ref int i, ref int power)
    {
        if ((text[i] | 0x20) != 'e') return false;
        var rest = text[(i + 1)..];
        var sign = rest is [(byte)'-', ..] ? -1 : 1;
        if (rest is [(byte)'-' or (byte)'+', ..]) rest = rest[1..];
        var (length, exponent) = (0, 0);
        while (length < rest.Length && (uint)rest[length] - '0' <= 9)
        {
            if (length == 3) return false;
            exponent = exponent * 10 + rest[length++] - '0';
        }
        if (length == 0 || (length < rest.Length && rest[length] != ' ')) return false;
        power += sign * exponent;
        i = text.Length - rest.Length + length;
        return true;
    }

    private static bool Slow(ReadOnlySpan<byte> text, ref int at, out float value)
    {
        var rest = text[at..];
        var length = rest.IndexOf((byte)' ');
        if (length < 0) length = rest.Length;
        at += length;
        return float.TryParse(rest[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
    }
}
