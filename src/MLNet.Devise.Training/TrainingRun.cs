using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training;

/// <summary>The folder that training leaves and export opens: checkpoints, <c>history.csv</c>, <c>labels.vec</c> and <c>train.json</c>, which this is.</summary>
public sealed record TrainingRun
{
    /// <summary>Weights after stage 1.</summary>
    public const string Stage1Name = "stage1.safetensors";
    /// <summary>Weights after stage 2: what is exported.</summary>
    public const string Stage2Name = "stage2.safetensors";
    /// <summary>One line an epoch.</summary>
    public const string HistoryName = "history.csv";
    /// <summary>Vectors of the seen labels, then of the unseen ones.</summary>
    public const string LabelsName = "labels.vec";
    /// <summary>What the label vectors went through; absent where that is nothing.</summary>
    public const string TransformName = ModelBundle.TransformName;
    /// <summary>Options and facts of the run.</summary>
    public const string ManifestName = "train.json";

    /// <summary>All options.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>The data folder.</summary>
    public required string Data { get; init; }

    /// <summary>How it was split; null in runs of before this was kept, whose split was by the seed of <see cref="Options"/> alone.</summary>
    public ImageDatasetOptions? DataOptions { get; init; }

    /// <summary>The word-vector file, by name.</summary>
    public required string Vectors { get; init; }

    /// <summary>Labels trained on; their positions are the class ids of stage 1.</summary>
    public required IReadOnlyList<string> Seen { get; init; }

    /// <summary>Labels held out.</summary>
    public required IReadOnlyList<string> Unseen { get; init; }

    /// <summary>How each label's vector was found, by label.</summary>
    public IReadOnlyDictionary<string, string> LabelOrigins { get; init; } = new Dictionary<string, string>();

    /// <summary>Images by split.</summary>
    public required IReadOnlyDictionary<string, int> Images { get; init; }

    /// <summary>Files left out because they could not be decoded, with the reason.</summary>
    public IReadOnlyDictionary<string, string> BadImages { get; init; } = new Dictionary<string, string>();

    /// <summary>What was odd but not fatal, a line each: a cache folder that could not be used.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>ImageNet's labels that the prior tells apart, each by its first name; empty where there is no prior.</summary>
    public IReadOnlyList<string> KnownLabels { get; init; } = [];

    /// <summary>Parameters with the classifier.</summary>
    public long? Stage1Parameters { get; init; }

    /// <summary>Parameters of the embedding network.</summary>
    public required long Stage2Parameters { get; init; }

    /// <summary>Validation accuracy of stage 1, 0..1.</summary>
    public double? Stage1Accuracy { get; init; }

    /// <summary>
    /// γ of calibrated stacking (Chao et al. 2016), −0.2..1: chosen on seen classes that were held out of trial heads, never on test classes;
    /// null where none was chosen. Where stage 2 starts from stage 1, the model had been trained on them there, and γ may be too small.
    /// </summary>
    public double? Gamma { get; init; }

    /// <summary>Whether the classes on which <see cref="Gamma"/> was chosen had been trained on before.</summary>
    internal bool SawCalibrationClasses => Stage1Parameters is not null && (Options.Stage2Start == Stage2Start.Stage1 || Options.Pretrained is null);

    /// <summary>The arithmetic that was used.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Fp32;

    /// <summary>Wall time of training, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>How runs and their recipes are written.</summary>
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true, NewLine = "\n", Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>Reads <c>train.json</c> of a run.</summary>
    /// <exception cref="DeviseInputException">The folder is not a finished run.</exception>
    public static TrainingRun Read(string folder)
    {
        var path = Path.Combine(folder, ManifestName);
        if (!File.Exists(path)) throw new DeviseInputException($"{folder}: no {ManifestName} in it, expected the folder of a finished 'devise train'");
        try
        {
            var run = JsonSerializer.Deserialize<TrainingRun>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is 'null'");
            run.Options.ValidateValues();
            return run;
        }
        catch (DeviseInputException e) { throw new DeviseInputException($"{path}: {e.Message}", e); }
        catch (JsonException e) { throw new DeviseInputException($"{path}: not a training run: {e.Message}", e); }
    }

    /// <summary>The labels of a run: seen, then unseen.</summary>
    /// <exception cref="DeviseInputException">The file is missing, damaged, or names other labels than <c>train.json</c>.</exception>
    public LabelSpace ReadLabels(string folder)
    {
        var labels = LabelSpace.ReadVec(Path.Combine(folder, LabelsName));
        return labels.Names.SequenceEqual(Seen.Concat(Unseen)) ? labels : throw new DeviseInputException($"{Path.Combine(folder, LabelsName)}: its labels are not those of {ManifestName}; train again");
    }

    /// <summary>What the labels of a run went through; null for nothing.</summary>
    /// <exception cref="DeviseInputException">The file is missing, damaged, or for vectors of another size.</exception>
    public LabelTransform? ReadTransform(string folder) =>
        Options.LabelTransform.Kind == LabelTransformKind.None ? null : LabelTransformFile.Read(Path.Combine(folder, TransformName));

    /// <summary>Where validation images lay after each epoch of stage 2; null where the run kept nothing of it.</summary>
    /// <exception cref="DeviseInputException">A file is damaged.</exception>
    public static EmbeddingHistory? ReadEmbeddings(string folder) => RunEmbeddings.Read(folder);

    /// <summary>Throws where <paramref name="folder"/> holds something that a run must not be mixed with.</summary>
    internal static void CheckReplaceable(string folder)
    {
        if (File.Exists(folder)) throw new DeviseInputException($"{folder}: a file, expected a new folder or an older run to replace");
        // Names that others give their files too say nothing.
        string[] own = [Stage1Name, Stage2Name, ManifestName, Checkpoint.FileName];
        // A process that is killed in its first moment leaves no more than a beginning of its checkpoint.
        bool IsForeign(string path) => !Path.GetFileName(path).StartsWith($"{Checkpoint.FileName}.", StringComparison.Ordinal);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(IsForeign) && !own.Any(name => File.Exists(Path.Combine(folder, name))))
            throw new DeviseInputException($"{folder}: not empty and not a training run, expected a new folder or an older run to replace");
    }

    /// <summary>The finished run in a folder; null where there is none, or one was begun over it.</summary>
    /// <exception cref="DeviseInputException">It was trained with other options: whoever resumes means to keep what is there.</exception>
    internal static TrainingRun? Finished(string folder, TrainingOptions options)
    {
        if (!File.Exists(Path.Combine(folder, ManifestName)) || File.Exists(Path.Combine(folder, Checkpoint.FileName))) return null;
        var run = Read(folder);
        return RunFolder.Differences(RunFolder.Movable(ToNode(run.Options)), RunFolder.Movable(ToNode(options))) is { } differences
            ? throw new DeviseInputException($"{folder}: a finished run with other {differences} is in it; name another folder, or leave out --resume to replace it")
            : run;
    }

    internal static JsonObject ToNode(TrainingOptions options) => JsonSerializer.SerializeToNode(options, Json)!.AsObject();

    /// <summary>The same as a bundle keeps it: whoever gets that has no use for this machine's paths, nor for warnings about them.</summary>
    internal TrainingRun WithoutPaths()
    {
        static string? Name(string? path) => path is null ? null : Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return this with { Data = Name(Data)!, Warnings = [], Options = Options with { Pretrained = Name(Options.Pretrained), Stage1Run = Name(Options.Stage1Run) } };
    }

    /// <summary>Whether what a bundle keeps of its run is of this one: trained with the same options, and in the same time.</summary>
    /// <param name="kept">That record; null, or one of another version, says nothing against it.</param>
    internal bool IsKeptAs(JsonNode? kept) => OfBundle(kept) is not { } other
        || (other.Seconds == Seconds && JsonNode.DeepEquals(ToNode(other.WithoutPaths().Options), ToNode(WithoutPaths().Options)));

    /// <summary>The run that a bundle keeps; null where it keeps none, or one of another version.</summary>
    internal static TrainingRun? OfBundle(JsonNode? kept)
    {
        try { return kept?.Deserialize<TrainingRun>(Json); }
        catch (JsonException) { return null; }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, Json);

    internal void Write(string folder) => WholeFile.WriteText(Path.Combine(folder, ManifestName), ToJson() + "\n");
}
