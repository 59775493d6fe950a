using SkiaSharp;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>
/// At most 256 colours for some pictures (median cut, Heckbert 1982): boxes of 32,768 colours are halved, by pixels, across their longest side, the one
/// with the most spread first.
/// </summary>
internal sealed class Palette
{
    private const int Most = 256;
    private const int Levels = 32;

    private readonly byte[] _index = new byte[Levels * Levels * Levels];

    /// <param name="frames">The pictures, RGBA and opaque.</param>
    public Palette(IReadOnlyList<SKBitmap> frames)
    {
        var (counts, sums) = (new long[_index.Length], new (long R, long G, long B)[_index.Length]);
        foreach (var frame in frames)
            foreach (var pixel in frame.Pixels)
            {
                var bucket = Bucket(pixel);
                counts[bucket]++;
                sums[bucket] = (sums[bucket].R + pixel.Red, sums[bucket].G + pixel.Green, sums[bucket].B + pixel.Blue);
            }
        List<int[]> boxes = [[.. Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0)]];
        while (boxes.Count < Most && Largest() is >= 0 and var at)
        {
            var (low, high) = Halves(boxes[at]);
            boxes[at] = low;
            boxes.Add(high);
        }
        var colours = new SKColor[Most];
        for (var i = 0; i < boxes.Count; i++)
        {
            var pixels = boxes[i].Sum(bucket => counts[bucket]);
            colours[i] = new((byte)(boxes[i].Sum(bucket => sums[bucket].R) / pixels), (byte)(boxes[i].Sum(bucket => sums[bucket].G) / pixels), (byte)(boxes[i].Sum(bucket => sums[bucket].B) / pixels));
            foreach (var bucket in boxes[i]) _index[bucket] = (byte)i;
        }
        Colours = colours;

        int Largest()
        {
            var (largest, most) = (-1, 0.0);
            for (var i = 0; i < boxes.Count; i++)
                // Pixels alone would spend every colour on the paper, sides alone on what hardly occurs.
                if (Side(boxes[i], LongestAxis(boxes[i])) * Math.Sqrt(boxes[i].Sum(bucket => counts[bucket])) is var spread && spread > most) (largest, most) = (i, spread);
            return largest;
        }

        (int[] Low, int[] High) Halves(int[] box)
        {
            var axis = LongestAxis(box);
            int[] sorted = [.. box.OrderBy(bucket => Part(bucket, axis)).ThenBy(bucket => bucket)];
            var (half, below, cut) = (box.Sum(bucket => counts[bucket]) / 2.0, counts[sorted[0]], 1);
            while (cut < sorted.Length - 1 && below + counts[sorted[cut]] <= half) below += counts[sorted[cut++]];
            return (sorted[..cut], sorted[cut..]);
        }
    }

    /// <summary>256 colours; those not needed are transparent black.</summary>
    public IReadOnlyList<SKColor> Colours { get; }

    /// <summary>A picture's pixels as indices of colours.</summary>
    public byte[] Indices(SKBitmap frame) => Array.ConvertAll(frame.Pixels, pixel => _index[Bucket(pixel)]);

    private static int Bucket(SKColor pixel) => (pixel.Red >> 3) * Levels * Levels + (pixel.Green >> 3) * Levels + (pixel.Blue >> 3);

    private static int Part(int bucket, int axis) => axis switch { 0 => bucket / (Levels * Levels), 1 => bucket / Levels % Levels, _ => bucket % Levels };

    private static int LongestAxis(int[] box) => Enumerable.Range(0, 3).MaxBy(axis => Side(box, axis));

    private static int Side(int[] box, int axis)
    {
        var (least, most) = (Levels, 0);
        foreach (var bucket in box) (least, most) = (Math.Min(least, Part(bucket, axis)), Math.Max(most, Part(bucket, axis)));
        return most - least;
    }
}
