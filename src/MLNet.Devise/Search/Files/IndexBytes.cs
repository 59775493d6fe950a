using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Search.Files;

/// <summary>A file's bytes: mapped, or read into memory.</summary>
internal sealed unsafe class IndexBytes : IDisposable
{
    private readonly MemoryMappedFile? _mapping;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _start;

    public IndexBytes(string path, bool whole)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0);
        Length = file.Length;
        if (Length == 0) return;
        if (!whole)
        {
            _mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            _view = _mapping.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            _start += _view.PointerOffset;
            return;
        }
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)Length, 64);
        for (long at = 0; at < Length;)
        {
            var read = file.Read(new Span<byte>(_start + at, (int)Math.Min(Length - at, 1 << 28)));
            if (read == 0) throw new EndOfStreamException();
            at += read;
        }
    }

    ~IndexBytes() => Free();

    public long Length { get; }

    /// <summary>The address of a stretch, which must lie inside.</summary>
    public byte* At(long offset, long length) =>
        offset >= 0 && length >= 0 && offset <= Length - length ? _start + offset : throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset}, of {Length}");

    public ReadOnlySpan<byte> Read(long offset, int length) => new(At(offset, length), length);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_start is null) return;
        if (_view is null) NativeMemory.AlignedFree(_start);
        else
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _mapping!.Dispose();
        }
        _start = null;
    }
}
