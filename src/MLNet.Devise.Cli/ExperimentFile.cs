using MLNet.Devise.Labels.Files;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli;

/// <summary>An experiment: recipes to compare on the same data over the same seeds. Paths are relative to the file's own folder.</summary>
internal sealed record ExperimentFile
{
    /// <summary>One line for the reader.</summary>
    public string? Title { get; init; }

    /// <summary>Data folder.</summary>
    public string Data { get; init; } = "";

    /// <summary>Word vectors, a file of any kind that <c>devise vectors</c> reads.</summary>
    public string Vectors { get; init; } = "";

    /// <summary>Weights to start from; null trains from scratch.</summary>
    public string? Pretrained { get; init; }

    /// <summary>Files and folders that must be there before anything starts, and how to get each.</summary>
    public IReadOnlyDictionary<string, string> Needs { get; init; } = new Dictionary<string, string>();

    /// <summary>Each recipe is trained once a seed.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [0];

    /// <summary>The recipe that every row starts from, unless it names its own.</summary>
    public string Preset { get; init; } = "paper";

    /// <summary>Changes to it that all rows share.</summary>
    public TrainingOptions? Training { get; init; }

    /// <summary>The recipes.</summary>
    public IReadOnlyList<ExperimentRow> Rows { get; init; } = [];

    /// <summary>Reads an experiment and checks all of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="data">Data folder instead of the file's; null keeps it. The same for the next two.</param>
    /// <param name="vectors">Word vectors.</param>
    /// <param name="pretrained">Weights.</param>
    /// <exception cref="DeviseInputException">The file is missing, misspelt or inconsistent, or something it needs is not there.</exception>
    public static ExperimentFile Read(string path, string? data = null, string? vectors = null, string? pretrained = null)
    {
        var file = StrictJson.Read<ExperimentFile>(path);
        if (file.Rows.Count == 0 || file.Seeds.Count == 0) throw new DeviseInputException($"{path}: {file.Rows.Count} rows and {file.Seeds.Count} seeds, expected at least one of each");
        if (file.Data.Length == 0 || file.Vectors.Length == 0) throw new DeviseInputException($"{path}: expected 'data' (a folder) and 'vectors' (a file of word vectors)");
        if (file.Rows.Contains(null!)) throw new DeviseInputException($"{path}: a row that is null, expected a recipe");
        foreach (var row in file.Rows)
            if (row.Name.Length == 0 || row.Name is "." or ".." || row.Name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0) throw new DeviseInputException($"{path}: row '{row.Name}', expected a name that can be a folder's");
        if (file.Rows.FirstOrDefault(row => row.Name.Equals(ExperimentPart.CacheName, StringComparison.OrdinalIgnoreCase)) is { } cache) throw new DeviseInputException($"{path}: row '{cache.Name}', expected another name: the folder of this one is for decoded images, and goes at the end");
        if (file.Seeds.GroupBy(seed => seed).FirstOrDefault(group => group.Count() > 1) is { } again) throw new DeviseInputException($"{path}: seed {again.Key} is there twice, expected each once");
        if (file.Rows.GroupBy(row => row.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice) throw new DeviseInputException($"{path}: row '{twice.Key}' is there twice");
        string?[] given = [data, vectors, pretrained];
        string?[] replaced = [file.Data, file.Vectors, file.Pretrained];
        PipelineFile.CheckNeeds(path, file.Needs.Where(need => !replaced.Where((_, i) => given[i] is not null).Contains(need.Key)).ToDictionary());
        try
        {
            file = file with
            {
                Data = data ?? PipelineFile.Resolve(path, file.Data),
                Vectors = vectors ?? PipelineFile.Resolve(path, file.Vectors),
                Pretrained = pretrained is not null ? Path.GetFullPath(pretrained) : (file.Pretrained is { } own ? PipelineFile.Resolve(path, own) : null),
            };
            return file with
            {
                Rows = [.. file.Rows.Select((row, i) => row with { Training = file.Recipe(path, row, i) })],
            };
        }
        catch (DeviseInputException error) { throw new DeviseInputException($"{path}: {error.Message}", error); }
    }

    /// <summary>Throws where word vectors or weights are not there: hours of training may come before either is opened.</summary>
    /// <exception cref="DeviseInputException">One of them is not there.</exception>
    public void CheckFiles()
    {
        _ = VectorFile.Find(Vectors);
        if (Pretrained is { } weights && !File.Exists(weights)) throw new DeviseInputException($"{weights}: no such file, expected weights to start from");
    }

    /// <summary>Preset, then what all rows share, then the row's own.</summary>
    private TrainingOptions Recipe(string path, ExperimentRow row, int index)
    {
        var shared = StrictJson.Over(TrainingPresets.ByName(row.Preset ?? Preset), path, root => root["training"]);
        var recipe = PipelineFile.Resolve(path, StrictJson.Over(shared, path, root => root["rows"]![index]!["training"])) with { Pretrained = Pretrained };
        recipe.Validate();
        if (row.Head == BundleHead.Conse && recipe.Stage1.Count == 0 && recipe.Stage1Run is null)
            throw new DeviseInputException($"{path}: row '{row.Name}': head conse is made of stage 1, and the row has none; give it a stage1 or a stage1Run");
        return recipe;
    }
}

/// <summary>One recipe of an experiment.</summary>
internal sealed record ExperimentRow
{
    /// <summary>Its name in the table, and of its folder.</summary>
    public string Name { get; init; } = "";

    /// <summary>The recipe to start from; null takes the experiment's.</summary>
    public string? Preset { get; init; }

    /// <summary>Its changes; after reading, the whole recipe.</summary>
    public TrainingOptions? Training { get; init; }

    /// <summary>Which network is evaluated: the one that embeds, or stage 1 with ConSE on top.</summary>
    public BundleHead Head { get; init; }
}
