using System.Collections.Concurrent;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// The decoded squares of a data set: decoded once and kept where all of them fit into a fixed amount of memory, else decoded at each
/// call. Files that cannot be decoded are remembered with their reason.
/// </summary>
internal sealed class SquareCache(ImageDataset data, int side, ImageScaling scaling) : IDisposable
{
    private const long MemoryLimit = 512L << 20;

    private readonly ConcurrentDictionary<string, SKBitmap> _kept = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _bad = new(StringComparer.Ordinal);
    private readonly bool _keep = (long)data.Items.Count * side * side * 4 <= MemoryLimit;

    /// <summary>Side of the squares, pixels.</summary>
    public int Side => side;

    /// <summary>Files that could not be decoded so far, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Bad => _bad;

    /// <summary>Calls <paramref name="use"/> with the item's square; false, without a call, where the file is bad.</summary>
    public bool Use(ImageItem item, Action<SKBitmap> use)
    {
        if (_kept.TryGetValue(item.Path, out var kept)) { use(kept); return true; }
        if (_bad.ContainsKey(item.Path)) return false;
        using var photo = Photo.TryDecode(data.FullPath(item), out var status, out var error);
        if (photo is null)
        {
            _bad.TryAdd(item.Path, $"{status.Name()}: {error}");
            return false;
        }
        var square = scaling.Square(photo, side);
        if (!_keep) using (square) use(square);
        else use(_kept.GetOrAdd(item.Path, square));
        return true;
    }

    public void Dispose()
    {
        foreach (var square in _kept.Values) square.Dispose();
        _kept.Clear();
    }
}
