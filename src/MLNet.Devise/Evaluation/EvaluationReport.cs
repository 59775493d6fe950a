using System.Text.Json;
using MLNet.Devise.Data;

namespace MLNet.Devise.Evaluation;

/// <summary>What was measured, as <c>metrics.json</c> keeps it. All rates are in 0..1.</summary>
/// <param name="Stage1">The classifier that training starts with.</param>
/// <param name="Seen">Held-out images of seen classes, ranked among the seen labels.</param>
/// <param name="ZeroShot">Images of unseen classes; null where there are none.</param>
/// <param name="Generalized">All labels compete for all images; null where there are no unseen images.</param>
/// <param name="Retrieval">Search by text and by image.</param>
/// <param name="Model">What was evaluated.</param>
/// <param name="Data">What it was evaluated on.</param>
/// <param name="Timing">Seconds, or images a second, by name.</param>
/// <param name="Calibration">Whether probabilities mean what they say.</param>
/// <param name="Hierarchy">How sensible answers are, right or not; null without hypernyms.</param>
/// <param name="Intervals">Bootstrap intervals of the figures above; null where none were wanted.</param>
public sealed record EvaluationReport(
    Stage1Metrics Stage1, HitRates Seen, ZeroShotRates? ZeroShot, GeneralizedMetrics? Generalized,
    RetrievalReport Retrieval, ModelFacts Model, DataCounts Data, IReadOnlyDictionary<string, double> Timing,
    CalibrationReport Calibration, HierarchicalReport? Hierarchy, IntervalReport? Intervals)
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "metrics.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Writes the report, whole.</summary>
    public void Write(string path) => WholeFile.WriteText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Reads a report.</summary>
    /// <exception cref="DeviseInputException">The file is missing, or not as <see cref="Write"/> makes it.</exception>
    public static EvaluationReport Read(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file, expected the {FileName} of 'devise evaluate'");
        try
        {
            return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is 'null'");
        }
        catch (JsonException e) { throw new DeviseInputException($"{path}: not a {FileName} of this version: {e.Message}; evaluate again", e); }
    }
}

/// <summary>Stage 1 of training: classification.</summary>
/// <param name="Accuracy">On the validation images; null where there was no stage 1.</param>
public sealed record Stage1Metrics(double? Accuracy);

/// <summary>Images of unseen classes.</summary>
/// <param name="UnseenLabels">Ranked among the unseen labels only.</param>
/// <param name="AllLabels">Ranked among seen and unseen labels.</param>
/// <param name="FurtherLabels">Ranked among every label of the label space; null where it has no others.</param>
/// <param name="Vocabulary">Ranked among seen and unseen labels and every word of the word-vector file; null where none was given.</param>
public sealed record ZeroShotRates(HitRates UnseenLabels, HitRates AllLabels, HitRates? FurtherLabels, HitRates? Vocabulary);

/// <summary>What was evaluated.</summary>
/// <param name="Parameters">Trainable parameters of the network.</param>
/// <param name="Bytes">Size of <c>model.onnx</c>.</param>
/// <param name="Backbone">By torchvision's name: <c>squeezenet1_1</c>.</param>
public sealed record ModelFacts(long Parameters, long Bytes, string Backbone)
{
    /// <summary>The facts of a bundle.</summary>
    public static ModelFacts Of(ModelBundle bundle) =>
        new(bundle.Manifest.Parameters, bundle.Manifest.Files[ModelBundle.OnnxName].Bytes, bundle.Manifest.Backbone);
}

/// <summary>What was evaluated on.</summary>
/// <param name="SeenClasses">Classes trained on.</param>
/// <param name="UnseenClasses">Classes held out.</param>
/// <param name="TrainImages">Images trained on.</param>
/// <param name="SeenImages">Images of seen classes that were evaluated.</param>
/// <param name="SeenSplit">Which these are: <c>test</c> or <c>valid</c>.</param>
/// <param name="UnseenImages">Images of unseen classes, all evaluated.</param>
/// <param name="SkippedImages">Files that could not be read.</param>
public sealed record DataCounts(int SeenClasses, int UnseenClasses, int TrainImages, int SeenImages, string SeenSplit, int UnseenImages, int SkippedImages);
