using MLNet.Devise.Data;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Export;

/// <summary>Images of a run's data, read as scoring sees them.</summary>
internal sealed class RunImages : IDisposable
{
    /// <summary>Images a batch: calibration keeps every value of a batch in memory, some 20 MB an image.</summary>
    private const int BatchSize = 8;

    private readonly TrainingRun _run;
    private readonly ImageDataset _data;
    private readonly ImageFeed _feed;

    private RunImages(TrainingRun run, ImageDataset data) =>
        (_run, _data, _feed) = (run, data, new ImageFeed(data, run.Options with { BatchSize = BatchSize }));

    /// <exception cref="DeviseInputException">The data folder is gone or damaged.</exception>
    public static RunImages Open(TrainingRun run) => new(run, ImageDataset.Open(run.Data, run.DataOptions ?? new ImageDatasetOptions { Seed = run.Options.Seed }));

    /// <summary>A few images of any class.</summary>
    public ImageItem[] Any(int count) => [.. _data.Items.OrderBy(Order).Take(count)];

    /// <summary>Images that the run was trained on, spread over its classes.</summary>
    public ImageItem[] Training(int count) => Spread(Split.Train, count);

    /// <summary>Images of the classes trained on that were held out for validation, spread over the classes.</summary>
    public ImageItem[] HeldOut(int count) => Spread(Split.Valid, count);

    /// <summary>Reads images; those that cannot be read are left out.</summary>
    public IEnumerable<PixelBatch> Read(IEnumerable<ImageItem> items)
    {
        foreach (var batch in _feed.Plain(items).Where(batch => batch.Items.Length > 0))
            yield return new(Planar(batch, _run.Options.ImageSize), batch.Items.Length, _run.Options.ImageSize, [.. batch.Items.Select(item => item.Label)]);
    }

    public void Dispose() => _feed.Dispose();

    /// <summary>The first image of every class in an order of the seed, then the second of every class, and so on.</summary>
    private ImageItem[] Spread(Split split, int count) =>
        [.. _data.Of(split).Where(item => _run.Seen.Contains(item.Label))
            .GroupBy(item => item.Label).SelectMany(items => items.OrderBy(Order).Select((item, turn) => (Item: item, Turn: turn)))
            .OrderBy(entry => entry.Turn).ThenBy(entry => Order(entry.Item)).Take(count).Select(entry => entry.Item)];

    private ulong Order(ImageItem item) => StableHash.Of(item.Path, _run.Options.Seed);

    private static float[] Planar(ImageBatch batch, int side)
    {
        var (plane, pixels) = (side * side, new float[batch.Pixels.Length]);
        for (var i = 0; i < batch.Pixels.Length; i++)
        {
            var (image, within) = Math.DivRem(i, 3 * plane);
            pixels[image * 3 * plane + within % 3 * plane + within / 3] = batch.Pixels[i] / 255f;
        }
        return pixels;
    }
}
