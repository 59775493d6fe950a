using System.Collections.Concurrent;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// Streams batches: decoding and augmentation run on background threads, a few batches ahead of the step. What a batch holds depends on
/// seed, epoch and file names only, never on threads, timing or what is cached.
/// </summary>
internal sealed class ImageFeed : IDisposable
{
    private const int Ahead = 4;

    /// <summary>Bytes of a cache folder that may be used where nothing else is said; never more than half of what the disk has left.</summary>
    private const long DefaultCacheBytes = 8L << 30;

    private readonly ImageDataset _data;
    private readonly TrainingOptions _options;
    private readonly SquareCache _training, _scoring;
    private readonly Dictionary<string, int> _labels;
    private readonly List<string> _warnings = [];
    private readonly ConcurrentBag<SKBitmap> _targets = [];
    private readonly PixelPool _pool = new();

    /// <param name="data">The images.</param>
    /// <param name="options">Sizes, variation and seed.</param>
    /// <param name="cacheFolder">Where decoded images are kept, for this run and others; null keeps some in memory.</param>
    /// <param name="cacheBytes">Bytes that they may fill there; 0 takes 8 GB, or half of what the disk has left if that is less.</param>
    public ImageFeed(ImageDataset data, TrainingOptions options, string? cacheFolder = null, long cacheBytes = 0)
    {
        if (cacheBytes < 0) throw new DeviseInputException($"cache: {cacheBytes} bytes, expected 0 (as much as is sensible) or more");
        (_data, _options) = (data, options);
        _labels = data.Seen.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        StepsPerEpoch = Math.Max(1, data.Of(Split.Train).Count() / options.BatchSize);
        var allowance = cacheFolder is null ? SquareCache.MemoryLimit : cacheBytes > 0 ? cacheBytes : Sensible(cacheFolder);
        var side = (int)Math.Round(options.ImageSize / options.Augment.Crop);
        _training = SquareCache.Open(data, side, options.Scaling, cacheFolder, ref allowance, _warnings);
        _scoring = side == options.ImageSize ? _training : SquareCache.Open(data, options.ImageSize, options.Scaling, cacheFolder, ref allowance, _warnings);
    }

    /// <summary>Files that could not be decoded so far, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Bad => _training.Bad.Concat(_scoring.Bad).DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>What was odd but not fatal so far, a line each: a cache folder that cannot be used, a full disk.</summary>
    public IReadOnlyList<string> Warnings => [.. _warnings, .. new[] { _training.Warning, _scoring.Warning }.OfType<string>().Distinct()];

    /// <summary>Steps in an epoch of training; a last, smaller batch is left out, as fastai does.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The training images of an epoch, shuffled and cut into steps; a function of seed and epoch alone.</summary>
    /// <param name="epoch">Counted over the whole run, so that no two epochs are alike.</param>
    public IEnumerable<ImageItem[]> Steps(int epoch)
    {
        var items = _data.Of(Split.Train).ToArray();
        if (_options.Balance == ClassBalance.Sampling) items = BalancedDraw.Of(items, _options.Seed, epoch);
        new Random(StableHash.Seed(_options.Seed, $"order {epoch}")).Shuffle(items);
        var size = Math.Min(_options.BatchSize, items.Length);
        return items.Chunk(size).Where(chunk => chunk.Length == size);
    }

    /// <summary>An epoch of varied training images.</summary>
    /// <param name="epoch">Counted over the whole run.</param>
    /// <param name="skip">Steps at its beginning to leave out, unread.</param>
    public IEnumerable<ImageBatch> Train(int epoch, int skip = 0) => Varied(Counted(Steps(epoch)).Skip(skip), epoch);

    /// <summary>Given images, varied as in an epoch.</summary>
    public IEnumerable<ImageBatch> Varied(IEnumerable<ImageItem[]> steps, int epoch) => Varied(Counted(steps), epoch);

    /// <summary>Images as scoring sees them, in order; the last batch may be smaller.</summary>
    public IEnumerable<ImageBatch> Plain(IEnumerable<ImageItem> items) =>
        Prefetch(items.Chunk(_options.BatchSize), chunk => Fill(chunk, (i, target) => _scoring.Use(chunk[i], square => Copy(square, target))));

    public void Dispose()
    {
        while (_targets.TryTake(out var target)) target.Dispose();
        _training.Dispose();
        if (_scoring != _training) _scoring.Dispose();
    }

    /// <summary>Positions of the items' labels among the seen classes; −1 for an unseen one.</summary>
    public long[] LabelsOf(IEnumerable<ImageItem> items) => [.. items.Select(item => (long)_labels.GetValueOrDefault(item.Label, -1))];

    private IEnumerable<ImageBatch> Varied(IEnumerable<(ImageItem[] Items, int[] Before)> steps, int epoch) =>
        Prefetch(steps, step => Fill(step.Items, (i, target) => Vary(step.Items[i], step.Before[i], epoch, target)));

    /// <summary>How often each image of a step has come before: a balanced epoch repeats images, and no two times shall look alike.</summary>
    private static IEnumerable<(ImageItem[] Items, int[] Before)> Counted(IEnumerable<ImageItem[]> steps)
    {
        var times = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var items in steps)
            yield return (items, [.. items.Select(item => times[item.Path] = times.GetValueOrDefault(item.Path, -1) + 1)]);
    }

    private bool Vary(ImageItem item, int before, int epoch, SKBitmap target) => _training.Use(item, square =>
    {
        var random = new Random(StableHash.Seed(_options.Seed, $"augment {epoch} {item.Path}{(before == 0 ? "" : $" {before}")}"));
        Augmentation.Draw(_options.Augment, random, _training.Side, _options.ImageSize).Paint(square, target);
    });

    private ImageBatch Fill(ImageItem[] chunk, Func<int, SKBitmap, bool> paint)
    {
        var length = _options.ImageSize * _options.ImageSize * 3;
        var pixels = _pool.Take(chunk.Length * length);
        var kept = new List<ImageItem>(chunk.Length);
        if (!_targets.TryTake(out var target)) target = new SKBitmap(new SKImageInfo(_options.ImageSize, _options.ImageSize, SKColorType.Bgra8888, SKAlphaType.Opaque));
        for (var i = 0; i < chunk.Length; i++)
        {
            if (!paint(i, target)) continue;
            PixelLayout.ToRgb(target.GetPixelSpan(), pixels.AsSpan(kept.Count * length, length));
            kept.Add(chunk[i]);
        }
        _targets.Add(target);
        var labels = LabelsOf(kept);
        if (kept.Count == chunk.Length) return new(pixels, labels, chunk, _pool);
        var fewer = new ImageBatch(pixels[..(kept.Count * length)], labels, [.. kept]);
        _pool.Return(pixels);
        return fewer;
    }

    private static void Copy(SKBitmap square, SKBitmap target)
    {
        var source = square.ColorType == SKColorType.Bgra8888 ? square.GetPixelSpan() : throw new NotSupportedException($"pixels as {square.ColorType}");
        unsafe { source.CopyTo(new Span<byte>((void*)target.GetPixels(), target.ByteCount)); }
    }

    private static long Sensible(string folder) => Math.Min(DefaultCacheBytes, (FreeBytes(folder) ?? long.MaxValue) / 2);

    /// <summary>What the disk has left on which a folder is, or will be made; null where that cannot be told.</summary>
    internal static long? FreeBytes(string folder)
    {
        try
        {
            var there = Path.GetFullPath(folder);
            while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above) there = above;
            return new DriveInfo(there).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { return null; }
    }

    /// <summary>Works on a few chunks at once and hands them out in order.</summary>
    private static IEnumerable<ImageBatch> Prefetch<T>(IEnumerable<T> chunks, Func<T, ImageBatch> make)
    {
        var running = new Queue<Task<ImageBatch>>();
        try
        {
            foreach (var chunk in chunks)
            {
                running.Enqueue(Task.Run(() => make(chunk)));
                if (running.Count > Ahead) yield return running.Dequeue().GetAwaiter().GetResult();
            }
            while (running.TryDequeue(out var task)) yield return task.GetAwaiter().GetResult();
        }
        finally
        {
            // Whoever stops early disposes the pictures next, so wait for what still paints from them.
            foreach (var task in running) ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        }
    }
}
