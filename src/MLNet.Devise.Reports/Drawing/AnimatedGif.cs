using System.Buffers.Binary;
using SkiaSharp;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Writes pictures as an animation without end (GIF89a with the NETSCAPE2.0 loop), all with the same 256 colours: those that occur most.</summary>
internal static class AnimatedGif
{
    private const int Colours = 256;

    /// <param name="frames">Opaque RGBA pictures of one size, at least one.</param>
    /// <param name="hundredths">How long each is shown, hundredths of a second.</param>
    public static byte[] Of(IReadOnlyList<SKBitmap> frames, IReadOnlyList<int> hundredths)
    {
        using var stream = new MemoryStream();
        var palette = new Palette(frames);
        var (width, height) = (frames[0].Width, frames[0].Height);
        stream.Write("GIF89a"u8);
        Write(stream, width, height);
        stream.Write([0xF7, 0, 0]); // a palette of 256 colours follows
        foreach (var colour in palette.Colours) stream.Write([colour.Red, colour.Green, colour.Blue]);
        stream.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0]);
        for (var i = 0; i < frames.Count; i++)
        {
            if (frames[i].Width != width || frames[i].Height != height) throw new ArgumentException($"frame {i} is {frames[i].Width}×{frames[i].Height}, expected {width}×{height}", nameof(frames));
            stream.Write([0x21, 0xF9, 4, 4]);
            Write(stream, hundredths[i]);
            stream.Write([0, 0, 0x2C]);
            Write(stream, 0, 0, width, height);
            stream.WriteByte(0);
            LzwCodes.Write(stream, palette.Indices(frames[i]));
        }
        stream.WriteByte(0x3B);
        return stream.ToArray();
    }

    private static void Write(Stream stream, params ReadOnlySpan<int> numbers)
    {
        Span<byte> two = stackalloc byte[2];
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(two, checked((ushort)number));
            stream.Write(two);
        }
    }

    /// <summary>The most frequent of 32,768 colours, and the nearest of them to each of the others.</summary>
    private sealed class Palette
    {
        private readonly short[] _nearest = new short[1 << 15];

        public Palette(IReadOnlyList<SKBitmap> frames)
        {
            Array.Fill(_nearest, (short)-1);
            var (counts, sums) = (new long[1 << 15], new (long R, long G, long B)[1 << 15]);
            foreach (var frame in frames)
                foreach (var pixel in frame.Pixels)
                {
                    var bucket = Bucket(pixel);
                    counts[bucket]++;
                    sums[bucket] = (sums[bucket].R + pixel.Red, sums[bucket].G + pixel.Green, sums[bucket].B + pixel.Blue);
                }
            int[] kept = [.. Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0).OrderByDescending(i => counts[i]).ThenBy(i => i).Take(AnimatedGif.Colours)];
            Colours = [.. kept.Select(i => new SKColor((byte)(sums[i].R / counts[i]), (byte)(sums[i].G / counts[i]), (byte)(sums[i].B / counts[i]))), .. new SKColor[AnimatedGif.Colours - kept.Length]];
            for (var i = 0; i < kept.Length; i++) _nearest[kept[i]] = (short)i;
        }

        public IReadOnlyList<SKColor> Colours { get; }

        public byte[] Indices(SKBitmap frame) => Array.ConvertAll(frame.Pixels, pixel =>
        {
            ref var index = ref _nearest[Bucket(pixel)];
            if (index < 0) index = (short)Enumerable.Range(0, Colours.Count).MinBy(i => Distance(Colours[i], pixel));
            return (byte)index;
        });

        private static int Bucket(SKColor pixel) => (pixel.Red >> 3 << 10) | (pixel.Green >> 3 << 5) | (pixel.Blue >> 3);

        private static int Distance(SKColor a, SKColor b) =>
            (a.Red - b.Red) * (a.Red - b.Red) + (a.Green - b.Green) * (a.Green - b.Green) + (a.Blue - b.Blue) * (a.Blue - b.Blue);
    }
}
