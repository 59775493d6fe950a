using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>
/// The model's view of a picture: scaled so that its short side fits, centre square cut out. Scaling is bilinear with the filter
/// widened by the scale (antialiased), as Pillow and torchvision do it, so that weights pretrained there see what they expect.
/// </summary>
internal static class AntialiasedCrop
{
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

    /// <summary>Rows first, then columns, in floats throughout; one rounding at the end.</summary>
    private static void Resample(ReadOnlySpan<byte> source, int rowBytes, Taps columns, Taps rows, Span<uint> target)
    {
        var size = columns.Count;
        var (first, last) = (rows.Start[0], rows.Start[^1] + rows.Length[^1]);
        var narrowed = System.Buffers.ArrayPool<Vector128<float>>.Shared.Rent((last - first) * size);
        try
        {
            for (var y = first; y < last; y++)
            {
                var pixels = MemoryMarshal.Cast<byte, uint>(source.Slice(y * rowBytes, rowBytes));
                var line = narrowed.AsSpan((y - first) * size, size);
                for (var x = 0; x < size; x++)
                {
                    var sum = Vector128<float>.Zero;
                    var taps = pixels.Slice(columns.Start[x], columns.Length[x]);
                    var weights = columns.WeightsOf(x);
                    for (var k = 0; k < taps.Length; k++) sum += ToFloats(taps[k]) * weights[k];
                    line[x] = sum;
                }
            }
            for (var y = 0; y < size; y++)
            {
                var from = (rows.Start[y] - first) * size;
                var weights = rows.WeightsOf(y);
                for (var x = 0; x < size; x++)
                {
                    var sum = Vector128.Create(0.5f);
                    for (var k = 0; k < weights.Length; k++) sum += narrowed[from + k * size + x] * weights[k];
                    target[y * size + x] = ToPixel(sum);
                }
            }
        }
        finally { System.Buffers.ArrayPool<Vector128<float>>.Shared.Return(narrowed); }
    }

    private static Vector128<float> ToFloats(uint pixel) =>
        Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte())).AsInt32());

    /// <summary>Weights sum to 1 and are never negative, so that values stay in range; the conversion rounds down what was raised by a half.</summary>
    private static uint ToPixel(Vector128<float> channels)
    {
        var whole = Vector128.ConvertToInt32(channels);
        return (uint)(whole[0] | whole[1] << 8 | whole[2] << 16) | 0xFF000000;
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
