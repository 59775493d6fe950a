using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli;

/// <summary>
/// All that decides a row's figures, kept beside them: those of another recipe, other data or other vectors must not pass for what is asked
/// for. Folders are no part of it, so that everything may be moved.
/// </summary>
internal sealed record ExperimentIdentity
{
    /// <summary>The file in a row's folder; written before the row is trained.</summary>
    public const string FileName = "recipe.json";

    /// <summary>The whole recipe, without the path of its weights.</summary>
    public required TrainingOptions Recipe { get; init; }

    /// <summary>Which network is evaluated.</summary>
    public required BundleHead ExportHead { get; init; }

    /// <summary>Name and size of the weights that training starts from; null from scratch.</summary>
    public string? Weights { get; init; }

    /// <summary>Hash of their content; null from scratch, and in folders from before it was kept.</summary>
    public string? WeightsHash { get; init; }

    /// <summary>Name and size of the file of word vectors.</summary>
    public required string Vectors { get; init; }

    /// <summary>The images: their number and a hash of their names, sizes and splits.</summary>
    public required string Images { get; init; }

    /// <summary>What is asked for, of images as <see cref="Describe(ImageDataset)"/> has them.</summary>
    public static ExperimentIdentity Of(ExperimentFile experiment, ExperimentRow row, TrainingOptions options, string images) => new()
    {
        Recipe = options with { Pretrained = null },
        ExportHead = row.Head,
        Weights = Describe(options.Pretrained),
        WeightsHash = options.Pretrained is { } file && File.Exists(file) ? $"{RunFolder.HashOf(file):x16}" : null,
        Vectors = Describe(experiment.Vectors)!,
        Images = images,
    };

    /// <summary>The images of a data set; looks at every file.</summary>
    public static string Describe(ImageDataset data) =>
        $"{data.Items.Count} images, {StableHash.Of(string.Join('\n', data.Items.Select(item => $"{item.Path} {item.Split} {new FileInfo(data.FullPath(item)).Length}")), 0):x16}";

    /// <summary>What a row's folder holds; null where nothing says so.</summary>
    /// <exception cref="DeviseInputException">The file is damaged.</exception>
    public static ExperimentIdentity? TryRead(string row)
    {
        var path = Path.Combine(row, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize<ExperimentIdentity>(File.ReadAllBytes(path), TrainingRun.Json) ?? throw new JsonException("it is 'null'");
        }
        catch (JsonException error) { throw new DeviseInputException($"{path}: not the recipe of a row: {error.Message}; delete the folder to train the row again", error); }
    }

    public void Write(string row) => WholeFile.WriteText(Path.Combine(row, FileName), JsonSerializer.Serialize(this, TrainingRun.Json) + "\n");

    /// <summary>What a row from before there was such a file holds, as far as its finished run says; what it does not say is taken as <paramref name="wanted"/>.</summary>
    public static ExperimentIdentity OfRun(string row, TrainingRun run, ExperimentIdentity wanted, ImageDataset data)
    {
        var sameImages = run.Data == data.Folder && run.Seen.SequenceEqual(data.Seen) && run.Unseen.SequenceEqual(data.Unseen)
            && run.Images.All(split => data.Items.Count(item => item.Split.ToString().Equals(split.Key, StringComparison.OrdinalIgnoreCase)) == split.Value);
        var bundle = Path.Combine(row, "bundle", ModelBundle.ManifestName);
        var weights = Describe(run.Options.Pretrained);
        return new()
        {
            Recipe = WithStage1(row, run.Options, wanted.Recipe) with { Pretrained = null },
            ExportHead = !File.Exists(bundle) ? wanted.ExportHead : ModelBundle.ReadManifest(Path.GetDirectoryName(bundle)!, bundle).Head,
            Weights = IsNameOf(weights, wanted.Weights) ? wanted.Weights : weights,
            WeightsHash = wanted.WeightsHash,
            Vectors = IsNameOf(run.Vectors, wanted.Vectors) ? wanted.Vectors : run.Vectors,
            Images = sameImages ? wanted.Images : $"{run.Images.Values.Sum()} images of {run.Seen.Count} seen and {run.Unseen.Count} unseen classes in {run.Data}",
        };
    }

    /// <exception cref="DeviseInputException">The row's folder holds something else; the message says what differs.</exception>
    public void CheckSame(string row, ExperimentIdentity wanted)
    {
        // What an older folder does not say is taken as wanted.
        var known = this with { WeightsHash = WeightsHash ?? wanted.WeightsHash };
        if (RunFolder.Differences(known.ToNode(), wanted.ToNode()) is { } differences)
            throw new DeviseInputException($"{row}: what is in it was made with other {differences}; name another folder with --out, or delete this one to train the row anew");
    }

    /// <summary>Options with the first stage that was taken from another row, if it was the one that these options describe.</summary>
    private static TrainingOptions WithStage1(string row, TrainingOptions options, TrainingOptions wanted)
    {
        if (options.Stage1Run is not { } shared || wanted.Stage1Run is not null) return options;
        // By the row's name: the path may be relative to another working folder.
        var run = Path.Combine(Path.GetDirectoryName(row)!, Path.GetFileName(Path.GetDirectoryName(shared))!, "run");
        if (!File.Exists(Path.Combine(run, TrainingRun.ManifestName)) || TrainingRun.Read(run).Options is not { Stage1Run: null } other) return options;
        var whole = options with { Stage1Run = null, Stage1 = other.Stage1 };
        return ExperimentStage1.Key(whole) == ExperimentStage1.Key(other) ? whole : options;
    }

    private JsonObject ToNode()
    {
        var node = RunFolder.Movable(TrainingRun.ToNode(Recipe));
        (node["weights"], node["content of weights"], node["word vectors"], node["images"], node["head that is exported"]) = (Weights, WeightsHash, Vectors, Images, ExportHead.ToString());
        return node;
    }

    /// <summary>Name and, where the file is there, size; of a file within an archive, the archive's.</summary>
    private static string? Describe(string? path)
    {
        for (var file = path; !string.IsNullOrEmpty(file); file = Path.GetDirectoryName(file))
            if (File.Exists(file)) return $"{Path.GetFileName(path)}, {new FileInfo(file).Length} bytes";
        return Path.GetFileName(path);
    }

    private static bool IsNameOf(string? known, string? wanted) => known == wanted || (known is not null && wanted is not null && !known.Contains(", ", StringComparison.Ordinal) && wanted.StartsWith(known + ", ", StringComparison.Ordinal));
}
