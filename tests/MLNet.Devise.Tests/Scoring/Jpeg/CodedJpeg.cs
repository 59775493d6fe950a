using System.Buffers.Binary;

namespace MLNet.Devise.Tests.Scoring.Jpeg;

/// <summary>A naive writer of baseline JPEGs out of coefficients, for every layout that a file can have.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record CodedJpeg(int Width, int Height)
{
    /// <summary>Blocks of luminance in a unit; (1, 1) for full resolution of colour.</summary>
    public (int Across, int Down) Sampling { get; init; } = (1, 1);

    public bool Grey { get; init; }

    /// <summary>Units between restart markers; 0: none.</summary>
    public int RestartInterval { get; init; }

    public bool LongCodes { get; init; }

    /// <summary>What coefficients are multiplied by.</summary>
    public byte Quantization { get; init; } = 1;

    /// <summary>The 64 coefficients of a block of a component, zigzag; the first as it is, not as a difference.</summary>
    public required Func<int, short[]> Block { get; init; }

    public byte[] Bytes()
    {
        var file = new List<byte> { 0xFF, 0xD8 };
        void Segment(byte marker, byte[] content)
        {
            file.AddRange([0xFF, marker, (byte)(content.Length + 2 >> 8), (byte)(content.Length + 2)]);
            file.AddRange(content);
        }
        var components = Grey ? 1 : 3;
        Segment(0xDB, [0, .. Enumerable.Repeat(Quantization, 64)]);
        var size = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)Height);
        BinaryPrimitives.WriteUInt16BigEndian(size.AsSpan(2), (ushort)Width);
        Segment(0xC0, [8, .. size, (byte)components, .. Enumerable.Range(0, components).SelectMany(c => new byte[] { (byte)(c + 1), c == 0 ? (byte)(Sampling.Across << 4 | Sampling.Down) : (byte)0x11, 0 })]);
        // Short codes and long ones, none of ones alone.
        byte[] first = [.. Enumerable.Range(0, 12).Select(i => (byte)i)], others = [.. Symbols()];
        Segment(0xC4, [0x00, .. Counts(first.Length), .. first]);
        Segment(0xC4, [0x10, .. Counts(others.Length), .. others]);
        if (RestartInterval > 0) Segment(0xDD, [(byte)(RestartInterval >> 8), (byte)RestartInterval]);
        Segment(0xDA, [(byte)components, .. Enumerable.Range(0, components).SelectMany(c => new byte[] { (byte)(c + 1), 0x00 }), 0, 63, 0]);
        Scan(file, first, others, components);
        return [.. file, 0xFF, 0xD9];
    }

    private void Scan(List<byte> file, byte[] first, byte[] others, int components)
    {
        var bits = new BitList(file);
        var (across, down) = Grey ? (1, 1) : Sampling;
        var units = (Width + 8 * across - 1) / (8 * across) * ((Height + 8 * down - 1) / (8 * down));
        var predictors = new int[components];
        for (var unit = 0; unit < units; unit++)
        {
            if (RestartInterval > 0 && unit > 0 && unit % RestartInterval == 0)
            {
                bits.Flush();
                file.AddRange([0xFF, (byte)(0xD0 + (unit / RestartInterval - 1) % 8)]);
                Array.Clear(predictors);
            }
            for (var component = 0; component < components; component++)
                for (var i = 0; i < (component == 0 ? across * down : 1); i++)
                {
                    var block = Block(component);
                    Value(bits, first, 0, block[0] - predictors[component]);
                    predictors[component] = block[0];
                    var last = Array.FindLastIndex(block, value => value != 0);
                    for (int k = 1, run = 0; k <= last; k++)
                    {
                        if (block[k] == 0)
                        {
                            run++;
                            continue;
                        }
                        for (; run > 15; run -= 16) Code(bits, others, 0xF0);
                        Value(bits, others, run, block[k]);
                        run = 0;
                    }
                    if (last < 63) Code(bits, others, 0);
                }
        }
        bits.Flush();
    }

    private static IEnumerable<byte> Symbols()
    {
        yield return 0;
        yield return 0xF0;
        for (var size = 1; size <= 10; size++)
            for (var run = 0; run < 16; run++) yield return (byte)(run << 4 | size);
    }

    /// <summary>Three codes of three bits, thirty of seven, the rest of twelve and sixteen; or all of more than eleven.</summary>
    private byte[] Counts(int symbols)
    {
        int[] most = LongCodes ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 255] : [0, 0, 3, 0, 0, 0, 30, 0, 0, 0, 0, 60, 0, 0, 0, 255];
        return [.. most.Select(count =>
        {
            var here = Math.Min(count, symbols);
            symbols -= here;
            return (byte)here;
        })];
    }

    private void Value(BitList bits, byte[] symbols, int run, int value)
    {
        var size = value == 0 ? 0 : (int)Math.Log2(Math.Abs(value)) + 1;
        Code(bits, symbols, (byte)(run << 4 | size));
        bits.Add(value < 0 ? value + (1 << size) - 1 : value, size);
    }

    private void Code(BitList bits, byte[] symbols, byte symbol)
    {
        var (index, code, counts) = (Array.IndexOf(symbols, symbol), 0, Counts(symbols.Length));
        for (var length = 1; ; length++, code <<= 1)
        {
            if (index < counts[length - 1])
            {
                bits.Add(code + index, length);
                return;
            }
            index -= counts[length - 1];
            code += counts[length - 1];
        }
    }

    private sealed class BitList(List<byte> file)
    {
        private int _bits, _count;

        public void Add(int value, int count)
        {
            for (var i = count - 1; i >= 0; i--)
            {
                _bits = _bits << 1 | value >> i & 1;
                if (++_count < 8) continue;
                file.Add((byte)_bits);
                if ((byte)_bits == 0xFF) file.Add(0);
                (_bits, _count) = (0, 0);
            }
        }

        public void Flush() => Add(0x7F, (8 - _count) % 8);
    }
}
