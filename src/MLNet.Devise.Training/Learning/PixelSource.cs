using MLNet.Devise.Data;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Images through the whole network.</summary>
internal sealed class PixelSource(DeviseNet net, ImageFeed feed, IReadOnlyList<ImageItem> valid, Device device) : IBatchSource
{
    public IEnumerable<TrainingBatch> Train(int epoch, int skip) => feed.Train(epoch, skip).Select(ToTensors);

    public IEnumerable<TrainingBatch> Valid() => feed.Plain(valid).Select(ToTensors);

    public Tensor Forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return net.Parts(net.Pool(input)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        // Nothing of its own.
    }

    private TrainingBatch ToTensors(ImageBatch batch)
    {
        using var copied = batch;
        return new(Pixels(batch, device), tensor(batch.Labels, device: device), batch.Items);
    }

    /// <summary>Bytes N×H×W×3 → floats N×3×H×W in 0..1, left in the memory order they came in (channels last): convolutions run faster on it.</summary>
    public static Tensor Pixels(ImageBatch batch, Device device)
    {
        using var scope = NewDisposeScope();
        var side = (long)Math.Sqrt(batch.Pixels.Length / 3.0 / Math.Max(1, batch.Items.Length));
        return tensor(batch.Pixels, [batch.Items.Length, side, side, 3]).to(device).permute(0, 3, 1, 2).to(ScalarType.Float32).Over_(255).MoveToOuterDisposeScope();
    }
}
