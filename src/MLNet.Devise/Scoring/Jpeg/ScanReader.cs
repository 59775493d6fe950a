using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>The coded blocks of a scan, one after the other (ISO/IEC 10918-1, F.2). Whatever is not as it should be ends it.</summary>
/// <param name="scan">Where it reads.</param>
internal ref struct ScanReader(ScanData scan)
{
    private const int LastPlace = 63;

    /// <summary>Bits of the largest first coefficient, as a difference.</summary>
    public const byte MostFirstBits = 11;

    private readonly ref byte _bytes = ref MemoryMarshal.GetArrayDataReference(scan.Bytes);
    private int _interval, _at, _end = scan.Ends[0];
    // The next bits from the highest down, and how many of them there are.
    private ulong _bits;
    private int _count;

    /// <summary>Whether no more was read of the interval than there is.</summary>
    public readonly bool IsWithin => 8L * _at - _count <= 8L * _end;

    /// <summary>Where in <see cref="InverseTransform"/>'s pairs of blocks a coefficient lies, by its place in the file (zigzag).</summary>
    public static ReadOnlySpan<byte> Places =>
    [
        0, 1, 16, 32, 17, 2, 3, 18, 33, 48, 64, 49, 34, 19, 4, 5, 20, 35, 50, 65, 80, 96, 81, 66, 51, 36, 21, 6, 7, 22, 37, 52,
        67, 82, 97, 112, 113, 98, 83, 68, 53, 38, 23, 39, 54, 69, 84, 99, 114, 115, 100, 85, 70, 55, 71, 86, 101, 116, 117, 102, 87, 103, 118, 119,
    ];

    /// <summary>Reads the next block's coefficients into cleared memory.</summary>
    /// <param name="of">The block's component.</param>
    /// <param name="predictor">The component's first coefficient so far, of the block before.</param>
    /// <param name="block">Begins with the block's first coefficient in its pair.</param>
    /// <param name="flat">Whether there is none but the first.</param>
    /// <returns>False where the data is damaged or ends.</returns>
    public bool TryBlock(JpegComponent of, ref int predictor, Span<short> block, out bool flat)
    {
        flat = true;
        // A block takes less than the padding: looking now is enough to stay inside.
        if (_at > _end + 8 || block.Length < InverseTransform.PairLength - ComponentPlane.Block) return false;
        var (at, bits, count) = (_at, _bits, _count);
        Fill(ref _bytes, ref at, ref bits, ref count);
        var look = HuffmanTable.Look(ref MemoryMarshal.GetReference(of.First.Looks), bits);
        if ((look & 0xFF) == 0) return false;
        predictor += HuffmanTable.Value(bits, look);
        block[0] = (short)predictor;
        (_at, _bits, _count) = (at, bits << (int)look, count - (int)(look & 0xFF));
        return TryOthers(of.Others, ref MemoryMarshal.GetReference(block), out flat);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryOthers(HuffmanTable table, ref short block, out bool flat)
    {
        flat = true;
        ref var bytes = ref _bytes;
        ref var looks = ref MemoryMarshal.GetReference(table.Looks);
        ref var places = ref MemoryMarshal.GetReference(Places);
        var (at, bits, count, place, value) = (_at, _bits, _count, 0, 0);
        while (true)
        {
            // Bits for two symbols, whatever each of them takes.
            Fill(ref bytes, ref at, ref bits, ref count);
            var look = HuffmanTable.Look(ref looks, bits);
            value = HuffmanTable.Value(bits, look);
            bits <<= (int)look;
            count -= (int)(look & 0xFF);
            place += (int)(look >> 24);
            if (place >= LastPlace) break;
            Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, place)) = (short)value;

            look = HuffmanTable.Look(ref looks, bits);
            value = HuffmanTable.Value(bits, look);
            bits <<= (int)look;
            count -= (int)(look & 0xFF);
            place += (int)(look >> 24);
            if (place >= LastPlace) break;
            Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, place)) = (short)value;
        }
        (_at, _bits, _count) = (at, bits, count);
        flat = place == HuffmanTable.EndPlaces;
        if (place == LastPlace) Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, place)) = (short)value;
        return place is LastPlace or >= HuffmanTable.EndPlaces;
    }

    /// <summary>Passes a restart marker, which must come now.</summary>
    public bool TryRestart()
    {
        if (!IsWithin || 8L * _at - _count <= 8L * (_end - 1) || ++_interval == scan.Ends.Count) return false;
        (_at, _end, _bits, _count) = (_end, scan.Ends[_interval], 0, 0);
        return true;
    }

    /// <summary>At least 56 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(ref byte bytes, ref int at, ref ulong bits, ref int count)
    {
        bits |= BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at))) >> count;
        at += 63 - count >> 3;
        count |= 56;
    }
}
