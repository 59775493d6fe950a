using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Backbones;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) as PyTorch has it, with its names. TorchSharp's own counts batches by
/// a number that nothing holds while libtorch reads it (see <see cref="NumberArithmetic"/>).
/// </summary>
/// <param name="features">Channels, or width of a row.</param>
/// <param name="dimensions">Of the input: 2 for rows N×<paramref name="features"/>, 4 for maps N×<paramref name="features"/>×H×W.</param>
internal sealed class BatchNormalization(long features, int dimensions)
    : BatchNorm(features, eps: 1e-5, momentum: 0.1, affine: true, track_running_stats: true, device: null, dtype: null, name: $"BatchNorm{dimensions / 2}d")
{
    /// <summary>Of rows N×<paramref name="features"/>.</summary>
    public static BatchNormalization OfRows(long features) => new(features, 2);

    /// <summary>Of maps N×<paramref name="channels"/>×H×W.</summary>
    public static BatchNormalization OfMaps(long channels) => new(channels, 4);

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        if (training) num_batches_tracked!.PlusOne_();
        return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, momentum ?? 0.1, eps);
    }

    /// <summary>TorchSharp's own frees its tensors when it is collected, even where somebody still reads them.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing) base.Dispose(disposing);
    }

    protected override void ValidateInputDimensions(Tensor input)
    {
        if (input.dim() != dimensions) throw new ArgumentException($"a tensor of {input.dim()} dimensions, expected {dimensions}", nameof(input));
    }
}
