using System.Buffers.Binary;
using SkiaSharp;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Writes pictures as an animation without end (GIF89a with the NETSCAPE2.0 loop), all with the same 256 colours.</summary>
internal static class AnimatedGif
{
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
}
