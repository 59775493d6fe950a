using System.Buffers;
using System.Collections.Concurrent;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training.Learning.Squares;
using SkiaSharp;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// The decoded squares of a data set: decoded once and kept in a store as far as it has room, else decoded at each call. Files that
/// cannot be decoded are remembered with their reason.
/// </summary>
/// <param name="data">The images.</param>
/// <param name="format">The squares; of the data's folder.</param>
/// <param name="store">Where they are kept; disposed with this.</param>
internal sealed class SquareCache(ImageDataset data, SquareFormat format, SquareStore store) : IDisposable
{
    /// <summary>Most that is kept in memory.</summary>
    public const long MemoryLimit = 512L << 20;

    // As scoring decodes, so that both see the same pixels.
    private readonly PhotoRules _rules = new() { Reduction = new(format.Scaling, format.Side) };
    private readonly ConcurrentDictionary<string, string> _bad = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ulong> _stamps = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<SKBitmap> _scratch = [];
    private volatile string? _warning;

    /// <summary>The cache of a data set's squares of one size, in a folder where that is given and can be used, else in memory.</summary>
    /// <param name="data">The images.</param>
    /// <param name="side">Side of the squares, pixels.</param>
    /// <param name="scaling">How pictures become squares.</param>
    /// <param name="folder">The cache folder, or null.</param>
    /// <param name="allowance">Bytes that it may fill; what it could use of them is taken off.</param>
    /// <param name="warnings">Gets what keeps the folder from being used.</param>
    public static SquareCache Open(ImageDataset data, int side, ImageScaling scaling, string? folder, ref long allowance, ICollection<string> warnings)
    {
        var format = new SquareFormat(data.Folder, side, scaling);
        // Whatever the split, these are all that it could draw from; images of unseen classes are looked at once.
        var images = Math.Min(data.Items.Count(item => item.Split != Split.Test), SquareFormat.MaxSlots);
        string? warning = null;
        var store = folder is null ? null : SquareStores.TryOpen(format, folder, allowance, images, out warning);
        if (warning is not null && !warnings.Contains(warning)) warnings.Add(warning);
        if (store is null)
        {
            allowance = Math.Min(allowance, MemoryLimit);
            store = SquareStores.InMemory(format, allowance, images);
        }
        allowance = Math.Max(0, allowance - SquareStores.Wanted(format, images));
        return new(data, format, store);
    }

    /// <summary>Side of the squares, pixels.</summary>
    public int Side => format.Side;

    /// <summary>Files that could not be decoded so far, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Bad => _bad;

    /// <summary>Why no more squares are kept, though there would be room; null where all is well.</summary>
    public string? Warning => _warning;

    /// <summary>Calls <paramref name="use"/> with the item's square, which it may not keep; false, without a call, where the file is bad.</summary>
    public bool Use(ImageItem item, Action<SKBitmap> use)
    {
        if (_bad.ContainsKey(item.Path)) return false;
        var stamp = Stamp(item);
        if (!_scratch.TryTake(out var scratch)) scratch = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Bgra8888, SKAlphaType.Opaque));
        try
        {
            if (stamp is null || !store.TryRead(item.Path, stamp.Value, square => PixelLayout.ToBgra(square, Pixels(scratch))))
                return Decode(item, stamp, use);
            // What is painted from it lives no longer than the call, so it need not hear that its pixels have changed.
            use(scratch);
            return true;
        }
        finally { _scratch.Add(scratch); }
    }

    public void Dispose()
    {
        while (_scratch.TryTake(out var scratch)) scratch.Dispose();
        store.Dispose();
    }

    private bool Decode(ImageItem item, ulong? stamp, Action<SKBitmap> use)
    {
        using var photo = Photo.TryDecode(data.FullPath(item), _rules, out var whole, out var status, out var error);
        if (photo is null)
        {
            _bad.TryAdd(item.Path, $"{status.Name()}: {error}");
            return false;
        }
        using var square = format.Scaling.Square(photo, Side, whole);
        if (stamp is { } known) Keep(item, known, square);
        use(square);
        return true;
    }

    private void Keep(ImageItem item, ulong stamp, SKBitmap square)
    {
        if (_warning is not null) return;
        var rgb = ArrayPool<byte>.Shared.Rent(format.RecordBytes);
        try
        {
            store.TryWrite(item.Path, stamp, () =>
            {
                PixelLayout.ToRgb(Pixels(square), rgb.AsSpan(0, format.RecordBytes));
                return rgb.AsMemory(0, format.RecordBytes);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _warning = $"{format.FileName}: no more decoded images can be kept, the rest are decoded each time: {e.Message}";
        }
        finally { ArrayPool<byte>.Shared.Return(rgb); }
    }

    /// <summary>Tells versions of a file apart; null where there is none. Looked up once: a file that changes during a run is not expected.</summary>
    private ulong? Stamp(ImageItem item)
    {
        if (_stamps.TryGetValue(item.Path, out var known)) return known;
        return FileStamp.Of(item.Path, data.FullPath(item)) is { } stamp ? _stamps.GetOrAdd(item.Path, stamp) : null;
    }

    private static unsafe Span<byte> Pixels(SKBitmap bitmap) => bitmap.ColorType == SKColorType.Bgra8888 && bitmap.RowBytes == bitmap.Width * 4
        ? new((void*)bitmap.GetPixels(), bitmap.ByteCount)
        : throw new NotSupportedException($"pixels as {bitmap.ColorType}, {bitmap.RowBytes} bytes a row of {bitmap.Width}, expected Bgra8888 without gaps");
}
