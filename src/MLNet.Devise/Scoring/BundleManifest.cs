using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring;

/// <summary>What <c>bundle.json</c> says of a bundle.</summary>
public sealed record BundleManifest
{
    /// <summary>The format this version writes and the newest it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Version of the bundle's format.</summary>
    public int FormatVersion { get; init; } = CurrentFormat;

    /// <summary>Backbone by torchvision's name: <c>squeezenet1_1</c>.</summary>
    public required string Backbone { get; init; }

    /// <summary>Trainable parameters of the exported network.</summary>
    public required long Parameters { get; init; }

    /// <summary>Side of the square that the network sees, in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>How pictures are scaled to that square.</summary>
    public ImageScaling Scaling { get; init; } = ImageScaling.Stock;

    /// <summary>Seed of the run, which also decides the split of its data.</summary>
    public long Seed { get; init; }

    /// <summary>Values an embedding.</summary>
    public required int Dimension { get; init; }

    /// <summary>How an image becomes the network's input, in words.</summary>
    public string Preprocessing { get; init; } = "decode, EXIF orientation, transparency on white; short side to imageSize, centre square; RGB / 255 (mean and standard deviation are inside the graph)";

    /// <summary>The word-vector file that the labels came from, by name.</summary>
    public required string Vectors { get; init; }

    /// <summary>How the labels' vectors were found in that file, and how those of others are to be.</summary>
    public PhraseOptions Phrases { get; init; } = new();

    /// <summary>Labels trained on.</summary>
    public required IReadOnlyList<string> Seen { get; init; }

    /// <summary>Labels held out for zero-shot.</summary>
    public IReadOnlyList<string> Unseen { get; init; } = [];

    /// <summary>Validation accuracy of stage 1 (classification), 0..1; null where there was no stage 1.</summary>
    public double? Stage1Accuracy { get; init; }

    /// <summary>What makes the embeddings.</summary>
    public BundleHead Head { get; init; } = BundleHead.Devise;

    /// <summary>Labels that <see cref="BundleHead.Conse"/> averages, at least 1; null for other heads.</summary>
    public int? ConseTop { get; init; }

    /// <summary>
    /// Calibrated stacking (Chao et al. 2016): to be taken off the cosines of seen labels where seen and unseen ones compete, −0.2..1. It was
    /// chosen on seen classes that were held out for it, never on test classes; null where none was chosen.
    /// </summary>
    public double? Gamma { get; init; }

    /// <summary>Largest |TorchSharp − ONNX Runtime| of any output value that the export's parity check saw, before <see cref="Precision"/> was lowered.</summary>
    public double ParityMaxDifference { get; init; }

    /// <summary>How the network's numbers are stored and computed with.</summary>
    public BundlePrecision Precision { get; init; } = BundlePrecision.Fp32;

    /// <summary>What <see cref="Precision"/> cost, measured at export; null for fp32, and where there were no images to measure on.</summary>
    public PrecisionLoss? PrecisionLoss { get; init; }

    /// <summary>All options of the training run, as <c>train.json</c> has them.</summary>
    public JsonNode? Training { get; init; }

    /// <summary>The epochs of training.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>Versions of the libraries that made the bundle.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <summary>Size and SHA-256 of every other file in the bundle, by name.</summary>
    public IReadOnlyDictionary<string, BundleFile> Files { get; init; } = new Dictionary<string, BundleFile>();

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true, NewLine = "\n", Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };
}

/// <summary>How a bundle's network comes to its embedding.</summary>
public enum BundleHead
{
    /// <summary>The network's last layer is the embedding, trained towards the label vectors (Frome et al. 2013).</summary>
    Devise,
    /// <summary>The mean of the likeliest seen labels' vectors, weighted by their probabilities (Norouzi et al. 2014, arXiv:1312.5650).</summary>
    Conse,
}

/// <summary>One file of a bundle.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256, lower-case hexadecimal.</param>
public sealed record BundleFile(long Bytes, string Sha256);
