using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>
/// Bilinear interpolation: each pixel of a square from the four of a picture around it, with weights in 256ths of which the last takes
/// the rest. To the bit what Skia's pipeline of 16-bit numbers computes, in a fraction of the time.
/// </summary>
internal sealed unsafe class Interpolation
{
    private const int Whole = 256, Lanes = 8;

    private readonly int[] _columns;
    private readonly float[] _shares;
    // Where both pixels of a column are the picture's first or last, and so the same.
    private readonly List<(int Column, bool AtEnd)> _doubled = [];
    private readonly int[] _upper, _lower;

    private Interpolation(Axis across)
    {
        (_columns, _shares) = (across.First, across.Share);
        (_upper, _lower) = (new int[_shares.Length], new int[_shares.Length]);
        for (var i = 0; i < across.Count; i++)
        {
            if (across.Second[i] != across.First[i]) continue;
            var atEnd = across.First[i] > 0;
            if (atEnd) _columns[i]--;
            _doubled.Add((i, atEnd));
        }
    }

    /// <summary>Draws a picture into a square, from the corner on; false, with nothing done, where Skia must.</summary>
    /// <param name="source">BGRA, opaque.</param>
    /// <param name="square">BGRA.</param>
    /// <param name="place">Where the picture would lie, pixels of the square.</param>
    public static bool TryDraw(SKBitmap source, SKBitmap square, SKRect place)
    {
        if (!Avx2.IsSupported || place.Left > 0 || place.Top > 0 || source.Width < 2) return false;
        // Stock scaling may round a side down to less than the square's: pixels are drawn whose centres lie within.
        var (width, height) = (Math.Min((int)MathF.Floor(place.Right + 0.5f), square.Width), Math.Min((int)MathF.Floor(place.Bottom + 0.5f), square.Height));
        Axis across = new(source.Width, place.Left, place.Right, width), down = new(source.Height, place.Top, place.Bottom, height);
        if (!across.AreNeighbours) return false;
        var interpolation = new Interpolation(across);
        // Each of these asks Skia.
        byte* from = (byte*)source.GetPixels(), to = (byte*)square.GetPixels();
        nint rowBytes = source.RowBytes, targetBytes = square.RowBytes;
        for (var y = 0; y < height; y++)
        {
            interpolation.Weigh(down.Share[y]);
            interpolation.Row(from + down.First[y] * rowBytes, from + down.Second[y] * rowBytes, (uint*)(to + y * targetBytes), width);
        }
        return true;
    }

    /// <summary>The weights of a row's pixels: left in the lower half, right in the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Weigh(float share)
    {
        for (var i = 0; i < _shares.Length; i += Lanes)
        {
            var right = Vector256.Create(_shares, i);
            var left = Vector256<float>.One - right;
            var upperLeft = Vector256.ConvertToInt32(left * (1 - share) * Whole);
            var upperRight = Vector256.ConvertToInt32(right * (1 - share) * Whole);
            var lowerLeft = Vector256.ConvertToInt32(left * share * Whole);
            (upperLeft | upperRight << 16).CopyTo(_upper, i);
            (lowerLeft | Vector256.Create(Whole) - upperLeft - upperRight - lowerLeft << 16).CopyTo(_lower, i);
        }
        foreach (var (column, atEnd) in _doubled)
        {
            (_upper[column], _lower[column]) = (Doubled(_upper[column]), Doubled(_lower[column]));
            int Doubled(int weights) => (weights & 0xFFFF) + (weights >>> 16) << (atEnd ? 16 : 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(byte* above, byte* below, uint* target, int count)
    {
        // Of two pixels, channel by channel, what is left beside what is right.
        var pairs = Vector128.Create((byte)0, 255, 4, 255, 1, 255, 5, 255, 2, 255, 6, 255, 3, 255, 7, 255);
        fixed (int* columns = _columns, upper = _upper, lower = _lower)
            for (var x = 0; x < count; x++)
            {
                var at = (nint)columns[x] * 4;
                var first = Ssse3.Shuffle(Vector128.CreateScalarUnsafe(*(ulong*)(above + at)).AsByte(), pairs).AsInt16();
                var second = Ssse3.Shuffle(Vector128.CreateScalarUnsafe(*(ulong*)(below + at)).AsByte(), pairs).AsInt16();
                var sums = Sse2.MultiplyAddAdjacent(first, Vector128.Create(upper[x]).AsInt16()) + Sse2.MultiplyAddAdjacent(second, Vector128.Create(lower[x]).AsInt16());
                var bytes = Vector128.ShiftRightLogical(sums + Vector128.Create(Whole / 2), 8);
                target[x] = Sse2.PackUnsignedSaturate(Sse41.PackUnsignedSaturate(bytes, bytes).AsInt16(), default).AsUInt32().ToScalar();
            }
    }

    /// <summary>The two source pixels of each target pixel along one axis, and the second's share.</summary>
    private sealed class Axis
    {
        public Axis(int available, float from, float to, int count)
        {
            // The picture's place as a matrix, and that inverted, in floats as Skia has them.
            var inverse = 1 / ((to - from) / available);
            var shift = -from * inverse;
            // Up to a multiple of the lanes.
            (Count, First, Second, Share) = (count, new int[count], new int[count], new float[(count + Lanes - 1) / Lanes * Lanes]);
            for (var i = 0; i < count; i++)
            {
                var centre = (i + 0.5f) * inverse + shift;
                (First[i], Second[i], Share[i]) = (Clamp(centre - 0.5f, available), Clamp(centre + 0.5f, available), centre + 0.5f - MathF.Floor(centre + 0.5f));
            }
        }

        public int Count { get; }

        public int[] First { get; }

        public int[] Second { get; }

        public float[] Share { get; }

        /// <summary>Whether no pixel lies between any two, and two are the same at the edges only.</summary>
        public bool AreNeighbours => First.Zip(Second).All(pair => pair.Second - pair.First is 0 or 1);

        private static int Clamp(float position, int available) => (int)MathF.Min(MathF.Max(0, position), MathF.BitDecrement(available));
    }
}
