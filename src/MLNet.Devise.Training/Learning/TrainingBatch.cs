using MLNet.Devise.Data;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>What one step works on.</summary>
/// <param name="Input">N×3×H×W pixels in 0..1, or N×2f pooled features.</param>
/// <param name="Labels">Positions among the seen classes, N.</param>
/// <param name="Items">What the images are, N.</param>
internal sealed record TrainingBatch(Tensor Input, Tensor Labels, ImageItem[] Items) : IDisposable
{
    public int Count => Items.Length;

    public void Dispose()
    {
        Input.Dispose();
        Labels.Dispose();
    }
}

/// <summary>Where a phase's batches come from, and through which part of the network they go.</summary>
internal interface IBatchSource : IDisposable
{
    /// <summary>
    /// The steps of an epoch, in the feed's order, from step <paramref name="skip"/> on. Each batch belongs to whoever asked. While they are
    /// taken, the tensor library has the threads that such steps run best with.
    /// </summary>
    IEnumerable<TrainingBatch> Train(int epoch, int skip);

    /// <summary>The validation images, as scoring will see them.</summary>
    IEnumerable<TrainingBatch> Valid();

    /// <summary>Input → output of the network.</summary>
    Tensor Forward(Tensor input);
}
