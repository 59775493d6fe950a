using MLNet.Devise.Data.Sample;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli;

/// <summary>A pipeline: what <c>devise run</c> trains on and how. Paths are relative to the file's own folder.</summary>
internal sealed record PipelineFile
{
    /// <summary>One line for the reader and the report.</summary>
    public string? Title { get; init; }

    /// <summary>The drawn sample to make and use; null where <see cref="Data"/> names a folder.</summary>
    public DrawnSampleOptions? Sample { get; init; }

    /// <summary>The sound sample to make and use; null where <see cref="Data"/> names a folder.</summary>
    public SoundSampleOptions? Sounds { get; init; }

    /// <summary>Data folder; null where <see cref="Sample"/> or <see cref="Sounds"/> makes one.</summary>
    public string? Data { get; init; }

    /// <summary>Word vectors, a file of any kind that <c>devise vectors</c> reads; null where <see cref="Sample"/> or <see cref="Sounds"/> makes one.</summary>
    public string? Vectors { get; init; }

    /// <summary>Files and folders that must be there before anything starts, and how to get each.</summary>
    public IReadOnlyDictionary<string, string> Needs { get; init; } = new Dictionary<string, string>();

    /// <summary>The recipe to start from; <see cref="Training"/> changes what it names.</summary>
    public string Preset { get; init; } = TrainingPresets.Default;

    /// <summary>How to train.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Labels an image gets in the score file.</summary>
    public int TopLabels { get; init; } = 5;

    /// <summary>Reads a pipeline file, makes its paths absolute, and checks all of it.</summary>
    /// <exception cref="DeviseInputException">The file is missing, misspelt or inconsistent.</exception>
    public static PipelineFile Read(string path)
    {
        var pipeline = StrictJson.Read<PipelineFile>(path);
        if (new object?[] { pipeline.Sample, pipeline.Sounds, pipeline.Data }.Count(source => source is not null) != 1)
            throw new DeviseInputException($"{path}: expected either 'sample' (drawn here), 'sounds' (made here) or 'data' (a folder)");
        if (pipeline.Data is not null && pipeline.Vectors is null) throw new DeviseInputException($"{path}: no 'vectors', expected a file of word vectors beside 'data'");
        if (pipeline.Data is null && pipeline.Vectors is not null) throw new DeviseInputException($"{path}: 'vectors' beside a sample, which brings its own");
        if (pipeline.TopLabels < 1) throw new DeviseInputException($"{path}: topLabels {pipeline.TopLabels}, expected at least 1");
        try
        {
            pipeline.Sample?.Validate();
            pipeline.Sounds?.Validate();
            pipeline = pipeline with { Training = StrictJson.Over(TrainingPresets.ByName(pipeline.Preset), path, root => root["training"]) };
            pipeline.Training.Validate();
        }
        catch (DeviseInputException error) { throw new DeviseInputException($"{path}: {error.Message}", error); }

        string? Absolute(string? relative) => relative is null ? null : Resolve(path, relative);
        CheckNeeds(path, pipeline.Needs);
        return pipeline with
        {
            Data = Absolute(pipeline.Data),
            Vectors = Absolute(pipeline.Vectors),
            Training = Resolve(path, pipeline.Training),
        };
    }

    /// <summary>A path that stands in a file, which is relative to the file's own folder.</summary>
    public static string Resolve(string file, string relative) => Path.GetFullPath(relative, Path.GetDirectoryName(Path.GetFullPath(file))!);

    /// <summary>Training options that stand in a file, with their paths made absolute.</summary>
    public static TrainingOptions Resolve(string file, TrainingOptions options) => options with
    {
        Pretrained = options.Pretrained is { } weights ? Resolve(file, weights) : null,
        Stage1Run = options.Stage1Run is { } run ? Resolve(file, run) : null,
    };

    /// <exception cref="DeviseInputException">Something that a file needs is missing; the message says how to get it.</exception>
    public static void CheckNeeds(string file, IReadOnlyDictionary<string, string> needs)
    {
        var missing = needs.Where(need => !Path.Exists(Resolve(file, need.Key))).Select(need => $"{Resolve(file, need.Key)}: {need.Value}").ToArray();
        if (missing.Length > 0) throw new DeviseInputException($"{file}: {missing.Length} of the {needs.Count} things it needs {(missing.Length == 1 ? "is" : "are")} missing. {string.Join("; ", missing)}");
    }
}
