using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Devise.Data;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning.Squares;
using SkiaSharp;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>One variation of every training image, as the backbone pools it.</summary>
/// <param name="Features">Images × <see cref="DeviseNet.PooledWidth"/>, on the device that trains.</param>
/// <param name="Rows">Row of an image by its path; images that cannot be read have none.</param>
internal sealed record PooledView(Tensor Features, IReadOnlyDictionary<string, int> Rows) : IDisposable
{
    public void Dispose() => Features.Dispose();
}

/// <summary>
/// Computes pooled views and keeps each in a file, named by a hash of all that decides its content: the backbone's weights, the images, how
/// they are decoded and varied, and the arithmetic, with the libraries that do it and their threads. A view is thus found again by a resumed
/// run, and by other runs that keep theirs in the same folder.
/// </summary>
internal sealed class PooledViews(DeviseNet net, TrainingContext run, Action<int, int> report)
{
    /// <summary>Raise it whenever our own code makes another view of the same: older ones are then computed again.</summary>
    private const int Version = 1;

    private const string Tensor = "features", Bad = "bad";

    private readonly ImageItem[] _items = [.. run.Data.Of(Split.Train)];
    private readonly ulong _basis = Basis(net, run);

    /// <summary>Whether a view of the data fits into one array.</summary>
    public static bool Fits(ImageDataset data, DeviseNet net) => data.Of(Split.Train).LongCount() * net.PooledWidth < Array.MaxLength;

    /// <summary>A view, from its file or computed.</summary>
    /// <param name="number">Which: the images are varied as in the epoch of this number.</param>
    /// <param name="cancellation">Ends between two batches.</param>
    public PooledView Get(int number, CancellationToken cancellation)
    {
        var path = Path.Combine(run.CacheFolder, string.Create(CultureInfo.InvariantCulture, $"view-{_basis:x16}-{number}.safetensors"));
        return TryRead(path) ?? Compute(number, path, cancellation);
    }

    private PooledView? TryRead(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var metadata = new Dictionary<string, string>();
            var tensors = Safetensors.Read(path, metadata);
            var bad = JsonSerializer.Deserialize<Dictionary<string, string>>(metadata.GetValueOrDefault(Bad, "{}"))!;
            var kept = _items.Where(item => !bad.ContainsKey(item.Path)).ToArray();
            return tensors.TryGetValue(Tensor, out var found) && found.Shape is [var rows, var width] && rows == kept.Length && width == net.PooledWidth ? View(found.Values, kept, bad) : null;
        }
        // Computed again, and written over.
        catch (Exception e) when (e is DeviseInputException or JsonException or IOException or UnauthorizedAccessException) { return null; }
    }

    private PooledView Compute(int number, string path, CancellationToken cancellation)
    {
        net.train();
        var width = net.PooledWidth;
        var values = new float[_items.Length * width];
        var kept = new List<ImageItem>(_items.Length);
        var (done, steps) = (0, (_items.Length + run.Options.BatchSize - 1) / run.Options.BatchSize);
        foreach (var batch in run.Feed.Varied(_items.Chunk(run.Options.BatchSize), number))
        {
            using var copied = batch;
            cancellation.ThrowIfCancellationRequested();
            if (batch.Items.Length > 0)
            {
                using var untracked = no_grad();
                using var scope = NewDisposeScope();
                net.Pool(PixelSource.Pixels(batch, run.Device)).cpu().contiguous().data<float>().CopyTo(values.AsSpan(kept.Count * width));
                kept.AddRange(batch.Items);
            }
            report(++done, steps);
        }
        if (kept.Count < _items.Length) values = values[..(kept.Count * width)];
        var unreadable = run.Feed.Bad;
        var bad = _items.Where(item => unreadable.ContainsKey(item.Path)).ToDictionary(item => item.Path, item => unreadable[item.Path]);
        TryWrite(path, new([kept.Count, width], values), bad);
        return View(values, kept, bad);
    }

    /// <summary>Where there is no room, or no right to it, the view at hand still serves.</summary>
    private void TryWrite(string path, NamedTensor features, Dictionary<string, string> bad)
    {
        try { Safetensors.Write(path, [(Tensor, features)], new Dictionary<string, string> { [Bad] = JsonSerializer.Serialize(bad) }); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DeviseInputException)
        {
            const string what = "what the frozen backbone makes of the images cannot be kept there, and is computed again where it is needed again";
            if (!run.Warnings.Exists(warning => warning.Contains(what, StringComparison.Ordinal))) run.Warnings.Add($"{run.CacheFolder}: {what} ({e.Message}); give a folder that can be written to");
        }
    }

    private PooledView View(float[] values, IReadOnlyList<ImageItem> kept, Dictionary<string, string> bad)
    {
        foreach (var (path, reason) in bad) run.State.BadImages[path] = reason;
        var features = tensor(values, kept.Count, net.PooledWidth, device: run.Device).DetachFromDisposeScope();
        return new(features, kept.Select((item, row) => (item.Path, row)).ToDictionary(pair => pair.Path, pair => pair.row, StringComparer.Ordinal));
    }

    private static ulong Basis(DeviseNet net, TrainingContext run)
    {
        var (hash, options) = (new XxHash3(), run.Options);
        void Add(string text) => hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
        foreach (var (_, tensor) in Weights.Save(net.features)) hash.Append(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        if (net.prior is { } prior)
            foreach (var (_, tensor) in Weights.Save(prior.classifier)) hash.Append(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        Add(JsonSerializer.Serialize(new { options.Backbone, options.ImageSize, options.Scaling, options.BatchSize, options.Seed, options.Augment, options.Device, net.BFloat16, run.Data.Folder }));
        Add(string.Create(CultureInfo.InvariantCulture, $"{Version} {SquareFormat.Version} {typeof(SKBitmap).Module.ModuleVersionId} {typeof(TorchSharp.torch).Module.ModuleVersionId} {get_num_threads()}"));
        foreach (var item in run.Data.Of(Split.Train))
            Add(string.Create(CultureInfo.InvariantCulture, $"{item.Path} {FileStamp.Of(item.Path, run.Data.FullPath(item))}"));
        return hash.GetCurrentHashAsUInt64();
    }
}
