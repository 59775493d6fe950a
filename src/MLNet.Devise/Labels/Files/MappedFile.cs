using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Labels.Files;

/// <summary>
/// A file's bytes as memory, every access checked against its length. A packed file is first unpacked into a temporary file that goes with
/// this.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    /// <exception cref="DeviseInputException">The file is empty, or cannot be unpacked.</exception>
    /// <exception cref="OperationCanceledException">Unpacking was stopped.</exception>
    public MappedFile(VectorFile file, CancellationToken cancellation = default)
    {
        Path = file.Path;
        var stream = file.IsPacked ? Unpack(file, cancellation) : (FileStream)file.Open();
        Length = stream.Length;
        _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Some values, which begin at a byte.</summary>
    public ReadOnlySpan<T> Span<T>(long at, int count) where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        if (at < 0 || count < 0 || at > Length - (long)count * sizeof(T)) throw new ArgumentOutOfRangeException(nameof(at), $"{count} values at {at} in {Length} bytes");
        return new(_start + at, count);
    }

    public T Value<T>(long at) where T : unmanaged => MemoryMarshal.Read<T>(Span<byte>(at, sizeof(T)));

    public void Dispose()
    {
        if (_start is null) return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    private static FileStream Unpack(VectorFile file, CancellationToken cancellation)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());
        var target = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        // Windows deletes what a killed process leaves; elsewhere a file without a name goes with the process.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        try
        {
            using var source = file.Open();
            var buffer = new byte[1 << 20];
            while (source.Read(buffer) is > 0 and var count)
            {
                cancellation.ThrowIfCancellationRequested();
                target.Write(buffer, 0, count);
            }
            return target;
        }
        catch (IOException e)
        {
            target.Dispose();
            throw new IOException($"{file.Path}: cannot be unpacked into {System.IO.Path.GetTempPath()}: {e.Message}; unpack it yourself, or set TMPDIR to a larger folder", e);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }
}
