using System.Buffers;

namespace MLNet.Devise.Scoring;

/// <summary>A file's bytes in borrowed memory: arrays of this size would be garbage of the slowest kind, one an image.</summary>
internal sealed class PhotoBytes : IDisposable
{
    /// <summary>Beyond it a file is refused before it is read.</summary>
    public const long MaxBytes = 256 << 20;

    private readonly byte[] _array;
    private readonly int _length;

    private PhotoBytes(byte[] array, int length) => (_array, _length) = (array, length);

    /// <summary>The bytes; not to be used after disposal.</summary>
    public ReadOnlySpan<byte> Span => _array.AsSpan(0, _length);

    /// <summary>Reads a file; <see langword="null"/>, with a status and a reason, where there is none or it is no size for an image.</summary>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static PhotoBytes? TryRead(string path, out ImageStatus status, out string error)
    {
        var file = new FileInfo(path);
        // A link's own size is that of its text.
        if (file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
        if (!file.Exists) (status, error) = (ImageStatus.Missing, Directory.Exists(path) ? "a folder, expected a file" : "no such file");
        // Pipes and devices say 0 as well; opening one could wait for ever.
        else if (file.Length == 0) (status, error) = (ImageStatus.Corrupt, "the file is empty");
        else if (file.Length > MaxBytes) (status, error) = (ImageStatus.TooLarge, $"{file.Length >> 20} MB, at most {MaxBytes >> 20} MB");
        else
        {
            (status, error) = (ImageStatus.Ok, "");
            return Read(path);
        }
        return null;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_array);

    private static PhotoBytes Read(string path)
    {
        using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var array = ArrayPool<byte>.Shared.Rent((int)Math.Min(RandomAccess.GetLength(handle), MaxBytes));
        var length = 0;
        for (int read; length < array.Length && (read = RandomAccess.Read(handle, array.AsSpan(length), length)) > 0;) length += read;
        return new(array, length);
    }
}
