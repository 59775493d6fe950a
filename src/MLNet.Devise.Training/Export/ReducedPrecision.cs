using System.Globalization;
using Google.Protobuf;
using MLNet.Devise.Labels;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training.Export.Quantization;

namespace MLNet.Devise.Training.Export;

/// <summary>The step of export that makes a network smaller and measures what that costs.</summary>
internal static class ReducedPrecision
{
    /// <summary>Images that the cost is measured on, where there are as many.</summary>
    private const int MostHeldOut = 1000;

    /// <summary>Mean cosine below which something must be wrong; trained networks keep above 0.995.</summary>
    private const double LeastCosine = 0.9;

    /// <summary>The file's bytes in the precision asked for, and the measured cost; null for fp32 and where there are no images to measure on.</summary>
    /// <exception cref="DeviseInputException">int8 finds no images to calibrate with.</exception>
    /// <exception cref="InvalidOperationException">The embeddings point elsewhere than in fp32.</exception>
    public static (byte[] Onnx, PrecisionLoss? Loss) Of(ModelProto exact, TrainingRun run, string runFolder, LabelSpace labels, ExportOptions options, Action<string>? log)
    {
        if (options.Precision == BundlePrecision.Fp32) return (exact.ToByteArray(), null);
        var name = options.Precision.ToString().ToLowerInvariant();
        using var images = Images(run, runFolder, options.Precision, log);
        var reduced = (options.Precision == BundlePrecision.Int8 ? Calibrated(exact, images!, options.CalibrationImages, run, log) : HalfStorage.Of(exact)).ToByteArray();
        var loss = images is null ? null : LossCheck.Measure(exact.ToByteArray(), reduced, images.Read(images.HeldOut(MostHeldOut)), labels.Select(run.Seen));
        if (loss is null)
        {
            log?.Invoke($"{name}: its cost is not measured, no validation image of {run.Data} can be read");
            return (reduced, null);
        }
        log?.Invoke(Words(name, loss));
        return loss.MeanCosine >= LeastCosine
            ? (reduced, loss)
            : throw new InvalidOperationException($"{runFolder}: in {name} the embeddings point elsewhere (mean cosine {loss.MeanCosine:F3}, at least {LeastCosine} is expected); nothing was written, export --precision fp32 or fp16");
    }

    /// <summary>The cost in a line for people.</summary>
    public static string Words(string precision, PrecisionLoss loss) => string.Create(CultureInfo.InvariantCulture,
        $"{precision} on {loss.Images} held-out images: cosine with fp32 {loss.MeanCosine:F4} on average, {loss.MinCosine:F4} at least; top-1 of seen labels {loss.Top1 * 100:F2} %, fp32 {loss.Top1Fp32 * 100:F2} %");

    private static ModelProto Calibrated(ModelProto exact, RunImages images, int count, TrainingRun run, Action<string>? log)
    {
        var items = images.Training(count);
        if (!images.Read(items).Any())
            throw new DeviseInputException($"{run.Data}: int8 calibrates on images that the run was trained on, found none that can be read; put the data back where it was, or export --precision fp16");
        log?.Invoke($"int8: calibrating on {items.Length} training images of {run.Data}");
        return Int8Network.Quantize(exact, images.Read(items));
    }

    private static RunImages? Images(TrainingRun run, string runFolder, BundlePrecision precision, Action<string>? log)
    {
        try { return RunImages.Open(run); }
        catch (DeviseInputException error) when (precision == BundlePrecision.Int8)
        {
            throw new DeviseInputException($"{runFolder}: int8 calibrates on the images that the run was trained on, but {error.Message}; put the data back where it was, or export --precision fp16", error);
        }
        catch (DeviseInputException error)
        {
            log?.Invoke($"{precision.ToString().ToLowerInvariant()}: {error.Message}");
            return null;
        }
    }
}
