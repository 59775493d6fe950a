using System.Buffers.Binary;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// What a JPEG says before its pixels, if it is of the kind that <see cref="BaselineJpeg"/> decodes: baseline, one scan, grey or YCbCr
/// with colour at full or half resolution. Most photos are; for all others there is Skia.
/// </summary>
/// <param name="Width">Pixels, as stored.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Components">One or three.</param>
/// <param name="RestartInterval">Units of the scan between two restarts; 0: none.</param>
/// <param name="Scan">Where in the file the coded pixels begin.</param>
internal sealed record JpegHeader(int Width, int Height, IReadOnlyList<JpegComponent> Components, int RestartInterval, int Scan)
{
    /// <summary><see langword="null"/> where the file is of another kind, or anything about it is unusual.</summary>
    public static JpegHeader? TryRead(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) ? new Reader().TryRead(file) : null;

    private sealed class Reader
    {
        private readonly short[]?[] _quantization = new short[4][];
        // By kind and number: a file may define many, and only the last of those that the scan names are built.
        private readonly byte[]?[] _codes = new byte[8][];
        private readonly HuffmanTable?[] _built = new HuffmanTable[8];
        private (int Id, int Across, int Down, int Quantization)[] _frame = [];
        private int _width, _height, _restart;

        public JpegHeader? TryRead(ReadOnlySpan<byte> file)
        {
            for (var at = 2; at + 4 <= file.Length;)
            {
                if (file[at] != 0xFF) return null;
                var (marker, length) = (file[at + 1], BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]));
                if (length < 2 || at + 2 + length > file.Length) return null;
                var segment = file.Slice(at + 4, length - 2);
                at += 2 + length;
                if (marker == 0xDA) return Scan(segment, at);
                if (!TryTake(marker, segment)) return null;
            }
            return null;
        }

        private bool TryTake(byte marker, ReadOnlySpan<byte> segment)
        {
            switch (marker)
            {
                case 0xC0: return TryFrame(segment);
                case 0xC4: return TryHuffman(segment);
                case 0xDB: return TryQuantization(segment);
                case 0xDD when segment.Length == 2:
                    _restart = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    return true;
                // Adobe's: what the components mean, 1 for YCbCr.
                case 0xEE when segment.StartsWith("Adobe"u8): return segment.Length >= 12 && segment[11] == 1;
                case >= 0xE0 and <= 0xEF or 0xFE: return true;
                default: return false;
            }
        }

        private bool TryFrame(ReadOnlySpan<byte> segment)
        {
            if (_frame.Length > 0 || segment.Length < 6 || segment[0] != 8) return false;
            (_height, _width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
            if (segment[5] is not (1 or 3) || segment.Length != 6 + 3 * segment[5]) return false;
            _frame = new (int, int, int, int)[segment[5]];
            for (var i = 0; i < _frame.Length; i++)
            {
                var of = segment.Slice(6 + 3 * i, 3);
                _frame[i] = (of[0], of[1] >> 4, of[1] & 15, of[2]);
            }
            // One component alone is not interleaved, whatever its factors say.
            if (_frame.Length == 1 && _frame[0] is { Across: >= 1 and <= 4, Down: >= 1 and <= 4 }) _frame[0] = _frame[0] with { Across = 1, Down = 1 };
            var known = _frame.Length == 1 || (_frame[0].Id, _frame[1].Id, _frame[2].Id) == (1, 2, 3);
            return known && _frame[0] is { Across: 1, Down: 1 } or { Across: 2, Down: 1 or 2 } && _frame.Skip(1).All(component => component is { Across: 1, Down: 1 });
        }

        private bool TryHuffman(ReadOnlySpan<byte> segment)
        {
            while (segment.Length >= 17)
            {
                var (kind, total) = (segment[0], 0);
                var counts = segment.Slice(1, 16);
                foreach (var count in counts) total += count;
                if (kind >> 4 > 1 || (kind & 15) > 3 || total > 256 || segment.Length < 17 + total) return false;
                var symbols = segment.Slice(17, total);
                if (kind >> 4 == 0 && symbols.ContainsAnyExceptInRange((byte)0, ScanReader.MostFirstBits)) return false;
                _codes[kind >> 4 << 2 | kind & 3] = segment[1..(17 + total)].ToArray();
                segment = segment[(17 + total)..];
            }
            return segment.IsEmpty;
        }

        private bool TryQuantization(ReadOnlySpan<byte> segment)
        {
            for (; segment.Length >= 65; segment = segment[65..])
            {
                if (segment[0] > 3) return false; // the upper half says bytes or words
                var table = new short[InverseTransform.PairLength];
                for (var i = 0; i < 64; i++) table[ScanReader.Places[i]] = table[ScanReader.Places[i] + ComponentPlane.Block] = segment[1 + i];
                _quantization[segment[0]] = table;
            }
            return segment.IsEmpty;
        }

        private JpegHeader? Scan(ReadOnlySpan<byte> segment, int at)
        {
            if (_frame.Length == 0 || segment.Length != 4 + 2 * _frame.Length || segment[0] != _frame.Length) return null;
            if (segment[^3] != 0 || segment[^2] != 63 || segment[^1] != 0) return null;
            var components = new JpegComponent[_frame.Length];
            for (var i = 0; i < components.Length; i++)
            {
                var (of, tables) = (_frame[i], segment[2 + 2 * i]);
                if (segment[1 + 2 * i] != of.Id || tables >> 4 > 3 || (tables & 15) > 3 || of.Quantization > 3) return null;
                if (_quantization[of.Quantization] is not { } quantization || Codes(tables >> 4, isFirst: true) is not { } first || Codes(tables & 15, isFirst: false) is not { } others) return null;
                components[i] = new(of.Id, of.Across, of.Down) { Quantization = quantization, First = first, Others = others };
            }
            return new(_width, _height, components, _restart, at);
        }

        private HuffmanTable? Codes(int number, bool isFirst)
        {
            ref var table = ref _built[isFirst ? number : 4 | number];
            return table ??= _codes[isFirst ? number : 4 | number] is { } codes ? HuffmanTable.TryBuild(codes.AsSpan(0, 16), codes.AsSpan(16), isFirst) : null;
        }
    }
}
