using System.Buffers;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Scoring;

/// <summary>Borrowed memory that stays where it is until it is given back; its bytes are what they were.</summary>
internal sealed class PinnedBytes : IDisposable
{
    private readonly byte[] _bytes;
    private GCHandle _pin;

    /// <exception cref="OutOfMemoryException">There is no memory for so many.</exception>
    public PinnedBytes(int count)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(count);
        _pin = GCHandle.Alloc(_bytes, GCHandleType.Pinned);
    }

    /// <summary>Where they lie, until disposal.</summary>
    public nint Address => _pin.AddrOfPinnedObject();

    public void Dispose()
    {
        if (!_pin.IsAllocated) return;
        _pin.Free();
        ArrayPool<byte>.Shared.Return(_bytes);
    }
}
