using System.Buffers.Binary;
using System.IO.Hashing;

namespace MLNet.Devise.Labels.Files;

/// <summary>
/// What comes out of a packed file: damage is told by the file's name, and a file that unpacks to absurdly more than it is (numbers pack to
/// a third or so) is refused.
/// </summary>
/// <param name="unpacked">The content.</param>
/// <param name="file">The packed file, closed with this.</param>
/// <param name="name">Of the file, for messages.</param>
/// <param name="promised">Bytes and checksum that the archive has of it; null for gzip, whose last bytes say both.</param>
internal sealed class UnpackedStream(Stream unpacked, FileStream file, string name, (long Length, uint Crc32)? promised) : Stream
{
    private const long MostTimes = 100, Spared = 16 << 20;

    private readonly long _most = Most(file.Length);
    private readonly Crc32 _checksum = new();
    private long _read;

    /// <summary>Bytes that a packed file of some size may unpack to.</summary>
    public static long Most(long packed) => Spared + MostTimes * packed;

    /// <summary>The error of a file that unpacks to more.</summary>
    public static DeviseInputException TooMuch(string name) => new($"{name}: unpacks to more than {MostTimes} times its size, expected word vectors");

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int count;
        try { count = unpacked.Read(buffer); }
        catch (InvalidDataException e) { throw new DeviseInputException($"{name}: damaged after {_read:N0} unpacked bytes: {e.Message}; fetch it again", e); }
        _read += count;
        _checksum.Append(buffer[..count]);
        if (_read > _most) throw TooMuch(name);
        if (count == 0 && buffer.Length > 0) CheckEnd();
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>The framework takes a file that is cut for one that ends.</summary>
    private void CheckEnd()
    {
        if (promised is var (length, checksum))
        {
            if (_read != length) throw new DeviseInputException($"{name}: {_read:N0} bytes unpacked, the archive says {length:N0}; fetch it again");
            if (_checksum.GetCurrentHashAsUInt32() != checksum) throw new DeviseInputException($"{name}: what was unpacked does not match the archive's checksum: it is damaged, fetch it again");
            return;
        }
        Span<byte> end = stackalloc byte[8];
        if (file.Length < end.Length || RandomAccess.Read(file.SafeFileHandle, end, file.Length - end.Length) < end.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(end) != _checksum.GetCurrentHashAsUInt32() || BinaryPrimitives.ReadUInt32LittleEndian(end[4..]) != (uint)_read)
            throw new DeviseInputException($"{name}: what was unpacked does not match the checksum at its end: it is incomplete, or made of several parts; fetch it again, or unpack it yourself");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            unpacked.Dispose();
            file.Dispose();
        }
        base.Dispose(disposing);
    }
}
