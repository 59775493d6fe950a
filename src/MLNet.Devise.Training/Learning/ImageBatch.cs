using System.Collections.Concurrent;
using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Learning;

/// <summary>Pixels and labels of one step.</summary>
/// <param name="Pixels">N×H×W×3 bytes, red first.</param>
/// <param name="Labels">Positions among the seen classes, N.</param>
/// <param name="Items">What the images are, N.</param>
/// <remarks>Whoever has copied the pixels may dispose a batch: its memory then serves a later one. Left alone, it is garbage as any array.</remarks>
internal sealed record ImageBatch(byte[] Pixels, long[] Labels, ImageItem[] Items) : IDisposable
{
    private PixelPool? _pool;

    /// <summary>A batch whose pixels go back to where they came from.</summary>
    public ImageBatch(byte[] pixels, long[] labels, ImageItem[] items, PixelPool pool) : this(pixels, labels, items) => _pool = pool;

    /// <summary>Gives the pixels back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _pool, null)?.Return(Pixels);
}

/// <summary>Pixel arrays of one length, kept for the next batch. Large arrays are dear to make: each is cleared, and collected only with the oldest generation.</summary>
internal sealed class PixelPool
{
    private readonly ConcurrentBag<byte[]> _free = [];

    /// <summary>An array of exactly so many bytes, with anything in it.</summary>
    public byte[] Take(int length) => _free.TryTake(out var pixels) && pixels.Length == length ? pixels : GC.AllocateUninitializedArray<byte>(length);

    public void Return(byte[] pixels) => _free.Add(pixels);
}
