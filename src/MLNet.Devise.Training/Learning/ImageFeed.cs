using MLNet.Devise.Data;
using MLNet.Devise.Scoring;
using SkiaSharp;

namespace MLNet.Devise.Training.Learning;

/// <summary>Pixels and labels of one step.</summary>
/// <param name="Pixels">N×H×W×3 bytes, red first.</param>
/// <param name="Labels">Positions among the seen classes, N.</param>
/// <param name="Items">What the images are, N.</param>
internal sealed record ImageBatch(byte[] Pixels, long[] Labels, ImageItem[] Items);

/// <summary>
/// Streams batches: decoding and augmentation run on background threads, a few batches ahead of the step. What a batch holds depends on
/// seed, epoch and file names only, never on threads or timing.
/// </summary>
internal sealed class ImageFeed(ImageDataset data, TrainingOptions options) : IDisposable
{
    private const int Ahead = 4;

    private readonly SquareCache _training = new(data, (int)Math.Round(options.ImageSize / options.Augment.Crop), options.Scaling);
    private readonly SquareCache _scoring = new(data, options.ImageSize, options.Scaling);
    private readonly Dictionary<string, int> _labels = data.Seen.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);

    /// <summary>Files that could not be decoded so far, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Bad => _training.Bad.Concat(_scoring.Bad).DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>Steps in an epoch of training; a last, smaller batch is left out, as fastai does.</summary>
    public int StepsPerEpoch => Math.Max(1, data.Of(Split.Train).Count() / options.BatchSize);

    /// <summary>The training images of an epoch, shuffled and cut into steps; a function of seed and epoch alone.</summary>
    /// <param name="epoch">Counted over the whole run, so that no two epochs are alike.</param>
    public IEnumerable<ImageItem[]> Steps(int epoch)
    {
        var items = data.Of(Split.Train).ToArray();
        new Random(StableHash.Seed(options.Seed, $"order {epoch}")).Shuffle(items);
        var size = Math.Min(options.BatchSize, items.Length);
        return items.Chunk(size).Where(chunk => chunk.Length == size);
    }

    /// <summary>An epoch of varied training images.</summary>
    /// <param name="epoch">Counted over the whole run.</param>
    /// <param name="skip">Steps at its beginning to leave out, unread.</param>
    public IEnumerable<ImageBatch> Train(int epoch, int skip = 0) => Varied(Steps(epoch).Skip(skip), epoch);

    /// <summary>Given images, varied as in an epoch.</summary>
    public IEnumerable<ImageBatch> Varied(IEnumerable<ImageItem[]> steps, int epoch) =>
        Prefetch(steps, chunk => Fill(chunk, (item, target) => Augmented(item, epoch, target)));

    /// <summary>Images as scoring sees them, in order; the last batch may be smaller.</summary>
    public IEnumerable<ImageBatch> Plain(IEnumerable<ImageItem> items) =>
        Prefetch(items.Chunk(options.BatchSize), chunk => Fill(chunk, (item, target) => _scoring.Use(item, square => Copy(square, target))));

    public void Dispose()
    {
        _training.Dispose();
        _scoring.Dispose();
    }

    /// <summary>Positions of the items' labels among the seen classes; −1 for an unseen one.</summary>
    public long[] LabelsOf(IEnumerable<ImageItem> items) => [.. items.Select(item => (long)_labels.GetValueOrDefault(item.Label, -1))];

    private bool Augmented(ImageItem item, int epoch, SKBitmap target) => _training.Use(item, square =>
    {
        var random = new Random(StableHash.Seed(options.Seed, $"augment {epoch} {item.Path}"));
        Augmentation.Draw(options.Augment, random, _training.Side, options.ImageSize).Paint(square, target);
    });

    private ImageBatch Fill(ImageItem[] chunk, Func<ImageItem, SKBitmap, bool> paint)
    {
        var length = options.ImageSize * options.ImageSize * 3;
        var pixels = new byte[chunk.Length * length];
        var kept = new List<ImageItem>(chunk.Length);
        using var target = new SKBitmap(new SKImageInfo(options.ImageSize, options.ImageSize, SKColorType.Bgra8888, SKAlphaType.Opaque));
        foreach (var item in chunk)
        {
            if (!paint(item, target)) continue;
            PixelLayout.ToRgb(target.GetPixelSpan(), pixels.AsSpan(kept.Count * length, length));
            kept.Add(item);
        }
        return new(pixels[..(kept.Count * length)], LabelsOf(kept), [.. kept]);
    }

    private static void Copy(SKBitmap square, SKBitmap target)
    {
        var source = square.ColorType == SKColorType.Bgra8888 ? square.GetPixelSpan() : throw new NotSupportedException($"pixels as {square.ColorType}");
        unsafe { source.CopyTo(new Span<byte>((void*)target.GetPixels(), target.ByteCount)); }
    }

    /// <summary>Works on a few chunks at once and hands them out in order.</summary>
    private static IEnumerable<ImageBatch> Prefetch(IEnumerable<ImageItem[]> chunks, Func<ImageItem[], ImageBatch> make)
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
