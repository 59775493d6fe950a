namespace MLNet.Devise.Reports.Drawing;

/// <summary>GIF's variant of Lempel, Ziv and Welch (GIF89a, appendix F): codes of 9 to 12 bits, low bits first, in blocks of at most 255 bytes.</summary>
internal sealed class LzwCodes
{
    private const int Clear = 256;
    private const int End = 257;
    private const int Most = 4096;

    private readonly Stream _stream;
    private readonly byte[] _block = new byte[255];
    private int _length, _bits, _held;

    private LzwCodes(Stream stream) => _stream = stream;

    /// <summary>Writes a picture of palette indices.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> indices)
    {
        stream.WriteByte(8);
        new LzwCodes(stream).Write(indices);
        stream.WriteByte(0);
    }

    private void Write(ReadOnlySpan<byte> indices)
    {
        var known = new Dictionary<int, int>();
        var (width, next) = (9, End + 1);
        Put(Clear, width);
        int prefix = indices[0];
        foreach (var index in indices[1..])
        {
            var longer = (prefix << 8) | index;
            if (known.TryGetValue(longer, out var code))
            {
                prefix = code;
                continue;
            }
            Put(prefix, width);
            if (next == Most)
            {
                Put(Clear, width);
                known.Clear();
                (width, next) = (9, End + 1);
            }
            else
            {
                // A reader knows a code one step later than the writer: the width grows when the code that needs it has been made.
                if (next == 1 << width) width++;
                known.Add(longer, next++);
            }
            prefix = index;
        }
        Put(prefix, width);
        Put(End, next == 1 << width && width < 12 ? width + 1 : width);
        if (_bits > 0) Put((byte)_held);
        Flush();
    }

    private void Put(int code, int width)
    {
        _held |= code << _bits;
        _bits += width;
        for (; _bits >= 8; _bits -= 8, _held >>= 8) Put((byte)_held);
    }

    private void Put(byte value)
    {
        _block[_length++] = value;
        if (_length == _block.Length) Flush();
    }

    private void Flush()
    {
        if (_length == 0) return;
        _stream.WriteByte((byte)_length);
        _stream.Write(_block, 0, _length);
        _length = 0;
    }
}
