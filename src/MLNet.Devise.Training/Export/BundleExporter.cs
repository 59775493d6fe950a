using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Google.Protobuf;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Export;

/// <summary>Makes a bundle of a training run: weights → ONNX graph → parity check → precision → folder.</summary>
public static class BundleExporter
{
    private const int RealImages = 16;

    /// <summary>Exports <c>stage2.safetensors</c> of a run, or <c>stage1.safetensors</c> as a ConSE bundle.</summary>
    /// <param name="runFolder">The folder of a finished run.</param>
    /// <param name="bundleFolder">Where the bundle goes; an older bundle there is replaced.</param>
    /// <param name="log">Told what the parity check and the precision check saw; may be null.</param>
    /// <param name="options">Which head and precision; null for the defaults.</param>
    /// <exception cref="DeviseInputException">The run is unfinished or damaged, int8 finds no images to calibrate with, or the bundle's folder holds something else.</exception>
    /// <exception cref="InvalidOperationException">
    /// TorchSharp and ONNX Runtime differ by more than 1e-4, or the embeddings of a lower precision point elsewhere; nothing is written.
    /// </exception>
    public static ModelBundle Export(string runFolder, string bundleFolder, Action<string>? log = null, ExportOptions? options = null)
    {
        options ??= new ExportOptions();
        options.Validate();
        ModelBundle.CheckReplaceable(bundleFolder);
        var run = TrainingRun.Read(runFolder);
        TorchNative.Ensure();
        using var scope = NewDisposeScope();
        var (labels, transform) = (run.ReadLabels(runFolder), run.ReadTransform(runFolder));
        var (net, parameters) = Network(run, runFolder, labels, options);

        var size = run.Options.ImageSize;
        var exact = OnnxExporter.Export(net, labels.Dimension, size, new Dictionary<string, string>
        {
            ["devise.backbone"] = run.Options.Backbone,
            ["devise.head"] = options.Head.ToString().ToLowerInvariant(),
            ["devise.imageSize"] = $"{size}",
            ["devise.precision"] = options.Precision.ToString().ToLowerInvariant(),
            ["devise.vectors"] = run.Vectors,
        });
        var difference = Compare(net, exact.ToByteArray(), run, log);
        if (difference > ParityCheck.Limit)
            throw new InvalidOperationException($"{runFolder}: ONNX Runtime differs from TorchSharp by {difference:E1}, at most {ParityCheck.Limit:E0} is allowed; nothing was written");
        var (onnx, loss) = ReducedPrecision.Of(exact, run, runFolder, labels, options, log);

        var manifest = new BundleManifest
        {
            Backbone = run.Options.Backbone,
            Parameters = parameters,
            ImageSize = size,
            Scaling = run.Options.Scaling,
            Seed = run.Options.Seed,
            Dimension = labels.Dimension,
            Vectors = run.Vectors,
            Phrases = run.Options.Phrases,
            Seen = run.Seen,
            Unseen = run.Unseen,
            Stage1Accuracy = run.Stage1Accuracy,
            Head = options.Head,
            ConseTop = (net as Conse)?.Top,
            // Chosen for the embeddings of stage 2: of those that ConSE makes it says nothing.
            Gamma = options.Head == BundleHead.Devise ? run.Gamma : null,
            ParityMaxDifference = difference,
            Precision = options.Precision,
            PrecisionLoss = loss,
            Training = JsonNode.Parse(run.WithoutPaths().ToJson()),
            History = EpochRecord.Read(Path.Combine(runFolder, TrainingRun.HistoryName)),
            Versions = Versions(),
        };
        return ModelBundle.Write(bundleFolder, onnx, labels, manifest, (model, zip) => StockPipeline.Save(model, labels, size, zip, manifest.Scaling), transform);
    }

    private static (nn.Module<Tensor, Tensor> Net, long Parameters) Network(TrainingRun run, string folder, LabelSpace labels, ExportOptions options)
    {
        var (backbone, conse) = (Backbone.ByName(run.Options.Backbone), options.Head == BundleHead.Conse);
        if (conse && run.Stage1Parameters is null) throw new DeviseInputException($"{folder}: trained without stage 1, whose classifier --head conse needs; train with stage 1, or export --head devise");
        var checkpoint = Path.Combine(folder, conse ? TrainingRun.Stage1Name : TrainingRun.Stage2Name);
        var weights = Safetensors.Read(checkpoint);
        var net = conse
            ? new DeviseNet(backbone, Head.Classifier(backbone.FeatureMaps, labels.Dimension, run.Seen.Count, run.Options.Head))
            : new DeviseNet(backbone, Head.Embedder(backbone.FeatureMaps, labels.Dimension, run.Options.Head), Prior.Like(weights, backbone, run.Options.Prior));
        Weights.Load(net, weights, "", checkpoint);
        return (conse ? new Conse(net, labels.Select(run.Seen), options.ConseTop) : net, net.ParameterCount);
    }

    private static double Compare(nn.Module<Tensor, Tensor> net, byte[] onnx, TrainingRun run, Action<string>? log)
    {
        var size = run.Options.ImageSize;
        var noise = Math.Max(
            ParityCheck.MaxDifference(net, onnx, [ParityCheck.Noise(1, size, run.Options.Seed)], size),
            ParityCheck.MaxDifference(net, onnx, [ParityCheck.Noise(4, size, run.Options.Seed + 1)], size));
        log?.Invoke($"parity on 5 noise images: largest difference {noise:E1}");
        if (RealBatches(run, log) is not { Length: > 0 } batches) return noise;
        var real = ParityCheck.MaxDifference(net, onnx, batches.Select(batch => (batch.Pixels, batch.Count)), size);
        log?.Invoke($"parity on {batches.Sum(batch => batch.Count)} images of {run.Data}: largest difference {real:E1}");
        return Math.Max(noise, real);
    }

    /// <summary>A few images of the run's data; none, with a word why, where the data is gone or has changed.</summary>
    private static PixelBatch[] RealBatches(TrainingRun run, Action<string>? log)
    {
        try
        {
            using var images = RunImages.Open(run);
            PixelBatch[] batches = [.. images.Read(images.Any(RealImages))];
            if (batches.Length == 0) log?.Invoke($"parity on real images: skipped, none of {run.Data} can be read");
            return batches;
        }
        catch (DeviseInputException error)
        {
            log?.Invoke($"parity on real images: skipped, {error.Message}");
            return [];
        }
    }

    private static Dictionary<string, string> Versions() => new()
    {
        ["MLNet.Devise"] = Version(typeof(ModelBundle)),
        ["Microsoft.ML"] = Version(typeof(Microsoft.ML.MLContext)),
        ["Microsoft.ML.OnnxRuntime"] = Version(typeof(Microsoft.ML.OnnxRuntime.InferenceSession)),
        ["TorchSharp"] = Version(typeof(TorchSharp.torch)),
        [".NET"] = RuntimeInformation.FrameworkDescription,
        ["system"] = $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}",
    };

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? type.Assembly.GetName().Version?.ToString() ?? "";
}
