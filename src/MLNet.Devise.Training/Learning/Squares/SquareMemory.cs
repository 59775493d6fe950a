using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MLNet.Devise.Training.Learning.Squares;

/// <summary>
/// A stretch of bytes that can be read without copying: a mapped file, or memory. A file is written through its handle, never through
/// the mapping: a full disk is then an error to catch, where a write to mapped memory would end the process.
/// </summary>
internal sealed unsafe class SquareMemory : IDisposable
{
    private byte* _bytes;
    private readonly SafeFileHandle? _file;
    private readonly MemoryMappedFile? _mapping;
    private readonly MemoryMappedViewAccessor? _view;

    /// <summary>Zeros, which take real memory only as they are overwritten.</summary>
    public SquareMemory(long length)
    {
        _bytes = (byte*)NativeMemory.AllocZeroed((nuint)length);
        (Length, CanWrite) = (length, true);
    }

    /// <summary>A file as long as it is now; disposes the handle in the end.</summary>
    public SquareMemory(SafeFileHandle file, bool canWrite)
    {
        (_file, Length, CanWrite) = (file, RandomAccess.GetLength(file), canWrite);
        _mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
        _bytes += _view.PointerOffset;
    }

    /// <summary>0 once disposed, so that nothing is read any more.</summary>
    public long Length { get; private set; }

    public bool CanWrite { get; }

    /// <summary>The bytes themselves; not to be used after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Read(long offset, int length)
    {
        Check(offset, length);
        return new(_bytes + offset, length);
    }

    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        Check(offset, bytes.Length);
        if (_file is null) bytes.CopyTo(new(_bytes + offset, bytes.Length));
        else RandomAccess.Write(_file, bytes, offset);
    }

    public void Dispose()
    {
        if (_bytes is null) return;
        if (_view is null) NativeMemory.Free(_bytes);
        else
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _mapping!.Dispose();
            _file!.Dispose();
        }
        Length = 0;
        _bytes = null;
    }

    private void Check(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length) throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset}, of {Length}");
    }
}
