using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>
/// The model's view of a picture: scaled so that its short side fits, centre square cut out. Scaling is bilinear with the filter
/// widened by the scale (antialiased), as Pillow and torchvision do it, so that weights pretrained there see what they expect.
/// </summary>
internal static class AntialiasedCrop
{
    /// <summary>Pixels computed side by side.</summary>
    private const int Together = 4;

    /// <summary>An opaque BGRA square for the caller to dispose.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="size">Side of the square, pixels.</param>
    /// <param name="shortSide">What the picture's short side is scaled to before the square is cut; null takes <paramref name="size"/>.</param>
    /// <param name="whole">The photo, where the picture is a reduced one of it.</param>
    public static SKBitmap Of(SKBitmap source, int size, int? shortSide = null, WholePhoto? whole = null)
    {
        var square = new SKBitmap(new SKImageInfo(size, size, SKColorType.Bgra8888, SKAlphaType.Opaque));
        var (width, height, reduction) = whole ?? WholePhoto.Of(source);
        var (scaled, side) = (shortSide ?? size, Math.Min(width, height));
        var columns = Taps.Of(source.Width, width * reduction, (int)Math.Round((double)scaled * width / side), size);
        var rows = Taps.Of(source.Height, height * reduction, (int)Math.Round((double)scaled * height / side), size);
        unsafe { Resample(source.GetPixelSpan(), source.RowBytes, columns, rows, new Span<uint>((void*)square.GetPixels(), size * size)); }
        return square;
    }

    /// <summary>Across first, then down, in floats throughout; one rounding at the end.</summary>
    private static void Resample(ReadOnlySpan<byte> source, int rowBytes, Taps columns, Taps rows, Span<uint> target)
    {
        var size = columns.Count;
        var (left, right) = (columns.Start[0], columns.Start[^1] + columns.Length[^1]);
        var (first, last) = (rows.Start[0], rows.Start[^1] + rows.Length[^1]);
        var narrowed = System.Buffers.ArrayPool<Vector128<float>>.Shared.Rent((last - first) * size + right - left + Together);
        try
        {
            var line = narrowed.AsSpan((last - first) * size, right - left + Together);
            for (var y = first; y < last; y++)
            {
                ToFloats(source.Slice(y * rowBytes + 4 * left, 4 * (right - left)), line);
                Across(line, columns, left, narrowed.AsSpan((y - first) * size, size));
            }
            for (var y = 0; y < size; y++) Down(narrowed.AsSpan((rows.Start[y] - first) * size), rows.WeightsOf(y), size, target.Slice(y * size, size));
        }
        finally { System.Buffers.ArrayPool<Vector128<float>>.Shared.Return(narrowed); }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToFloats(ReadOnlySpan<byte> pixels, Span<Vector128<float>> line)
    {
        var i = 0;
        for (; i <= pixels.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var four = Vector128.Create(pixels[i..]);
            var (low, high) = (Vector128.WidenLower(four), Vector128.WidenUpper(four));
            line[i / 4] = Vector128.ConvertToSingle(Vector128.WidenLower(low).AsInt32());
            line[i / 4 + 1] = Vector128.ConvertToSingle(Vector128.WidenUpper(low).AsInt32());
            line[i / 4 + 2] = Vector128.ConvertToSingle(Vector128.WidenLower(high).AsInt32());
            line[i / 4 + 3] = Vector128.ConvertToSingle(Vector128.WidenUpper(high).AsInt32());
        }
        for (; i < pixels.Length; i += 4) line[i / 4] = Vector128.Create((float)pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Across(ReadOnlySpan<Vector128<float>> line, Taps columns, int left, Span<Vector128<float>> target)
    {
        for (var x = 0; x < target.Length; x++)
        {
            var weights = columns.WeightsOf(x);
            var taps = line.Slice(columns.Start[x] - left, weights.Length);
            var sum = Vector128<float>.Zero;
            for (var k = 0; k < weights.Length; k++) sum += taps[k] * weights[k];
            target[x] = sum;
        }
    }

    /// <summary>One row of the square.</summary>
    /// <param name="narrowed">From the first row that it sees on.</param>
    /// <param name="weights">How strongly it sees each.</param>
    /// <param name="size">Pixels of a row.</param>
    /// <param name="target">The row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Down(ReadOnlySpan<Vector128<float>> narrowed, ReadOnlySpan<float> weights, int size, Span<uint> target)
    {
        var (half, opaque) = (Vector128.Create(0.5f), Vector128.Create(0xFF000000));
        var x = 0;
        for (; x <= size - Together; x += Together)
        {
            Vector128<float> a = half, b = half, c = half, d = half;
            for (var k = 0; k < weights.Length; k++)
            {
                var at = narrowed.Slice(k * size + x, Together);
                var weight = weights[k];
                a += at[0] * weight;
                b += at[1] * weight;
                c += at[2] * weight;
                d += at[3] * weight;
            }
            // Weights sum to 1 and are never negative, so that values stay in range; the conversion rounds down what was raised by a half.
            var low = Vector128.Narrow(Vector128.ConvertToInt32(a), Vector128.ConvertToInt32(b)).AsUInt16();
            var high = Vector128.Narrow(Vector128.ConvertToInt32(c), Vector128.ConvertToInt32(d)).AsUInt16();
            (Vector128.Narrow(low, high).AsUInt32() | opaque).CopyTo(target[x..]);
        }
        for (; x < size; x++)
        {
            var sum = half;
            for (var k = 0; k < weights.Length; k++) sum += narrowed[k * size + x] * weights[k];
            var whole = Vector128.ConvertToInt32(sum);
            target[x] = (uint)(whole[0] | whole[1] << 8 | whole[2] << 16) | 0xFF000000;
        }
    }

    /// <summary>For each target pixel of one axis: which source pixels it sees, and how strongly.</summary>
    private sealed record Taps(int[] Start, int[] Length, float[] Weights, int Widest)
    {
        public int Count => Start.Length;

        public ReadOnlySpan<float> WeightsOf(int i) => Weights.AsSpan(i * Widest, Length[i]);

        /// <summary>A triangle filter as wide as the scale, at least one source pixel. Sizes and the cut are whole pixels, the scaled size rounded, the cut rounded down.</summary>
        /// <param name="available">Source pixels of the axis.</param>
        /// <param name="extent">Length of the axis in those pixels, a broken number where the last one stands for a part.</param>
        /// <param name="scaled">What the axis is scaled to, pixels.</param>
        /// <param name="count">Pixels cut out of the middle.</param>
        public static Taps Of(int available, double extent, int scaled, int count)
        {
            var scale = extent / scaled;
            var offset = (scaled - count) / 2 * scale;
            var reach = Math.Max(scale, 1);
            var widest = (int)Math.Ceiling(reach) * 2 + 1;
            var (start, lengths, weights) = (new int[count], new int[count], new float[count * widest]);
            var raw = new double[widest];
            for (var i = 0; i < count; i++)
            {
                var centre = offset + (i + 0.5) * scale;
                var from = Math.Max(0, (int)(centre - reach + 0.5));
                var to = Math.Min(available, (int)(centre + reach + 0.5));
                var sum = 0.0;
                for (var k = from; k < to; k++) sum += raw[k - from] = Math.Max(0, 1 - Math.Abs((k - centre + 0.5) / reach));
                for (var k = from; k < to; k++) weights[i * widest + k - from] = (float)(raw[k - from] / sum);
                (start[i], lengths[i]) = (from, to - from);
            }
            return new(start, lengths, weights, widest);
        }
    }
}
