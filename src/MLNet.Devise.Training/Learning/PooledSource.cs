using MLNet.Devise.Data;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// A frozen phase without its backbone: what a frozen backbone computes of an image varied in one way never changes, so it is computed once
/// (<see cref="PooledViews"/>) and the head alone is trained on it.
/// </summary>
internal sealed class PooledSource(DeviseNet net, ImageFeed feed, PooledViews views, IReadOnlyList<ImageItem> valid, int firstEpoch, int count, Device device, CancellationToken cancellation) : IBatchSource
{
    /// <summary>
    /// A step of at most so many images takes one thread: its operations are short, and to share each among threads, and to wait for the
    /// last of them, costs what it saves; where other programs run as well it costs several times that.
    /// </summary>
    private const int FewImages = 64;

    private (int Number, PooledView Pooled)? _current;
    private List<TrainingBatch>? _valid;

    public IEnumerable<TrainingBatch> Train(int epoch, int skip)
    {
        var view = View(firstEpoch + (epoch - firstEpoch) % count);
        var threads = get_num_threads();
        try
        {
            foreach (var step in feed.Steps(epoch).Skip(skip))
            {
                if (step.Length <= FewImages) set_num_threads(1);
                var rows = step.Where(item => view.Rows.ContainsKey(item.Path)).ToArray();
                using var index = tensor(rows.Select(item => (long)view.Rows[item.Path]).ToArray(), device: device);
                yield return new(view.Features.index_select(0, index), tensor(feed.LabelsOf(rows), device: device), rows);
            }
        }
        finally { set_num_threads(threads); }
    }

    public IEnumerable<TrainingBatch> Valid()
    {
        _valid ??= [.. Plain()];
        return _valid.Select(batch => batch with { Input = batch.Input.alias(), Labels = batch.Labels.alias() });
    }

    public Tensor Forward(Tensor input) => net.Parts(input);

    public void Dispose()
    {
        _current?.Pooled.Dispose();
        foreach (var batch in _valid ?? []) batch.Dispose();
    }

    /// <summary>The view of an epoch; only one is held at a time.</summary>
    private PooledView View(int number)
    {
        if (_current is { } current && current.Number == number) return current.Pooled;
        _current?.Pooled.Dispose();
        _current = (number, views.Get(number, cancellation));
        return _current.Value.Pooled;
    }

    private IEnumerable<TrainingBatch> Plain()
    {
        net.eval();
        foreach (var batch in feed.Plain(valid))
        {
            cancellation.ThrowIfCancellationRequested();
            using var copied = batch;
            if (batch.Items.Length == 0) continue;
            using var untracked = no_grad();
            using var pixels = PixelSource.Pixels(batch, device);
            yield return new(net.Pool(pixels).DetachFromDisposeScope(), tensor(batch.Labels, device: device).DetachFromDisposeScope(), batch.Items);
        }
    }
}
