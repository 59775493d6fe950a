namespace MLNet.Devise.Training.Learning;

/// <summary>Recipes with a name.</summary>
public static class TrainingPresets
{
    /// <summary>The name of the recipe that is taken where none is named.</summary>
    public const string Default = "best";

    /// <summary>The paper's recipe, exactly: what <see cref="TrainingOptions"/> is by default.</summary>
    public static TrainingOptions Paper { get; } = new();

    /// <summary>
    /// Our recipe: embeddings may point anywhere and are pushed from the labels they are not; labels are told apart by what is left of their
    /// vectors without the part that all share; what the pretrained classifier knows stays a part of them; and stage 2 starts from
    /// the pretrained weights, of which it changes only the last layers, gently. Chosen by cross-validation over seen classes, never on
    /// unseen ones.
    /// </summary>
    public static TrainingOptions Best { get; } = new()
    {
        Head = new() { Kind = HeadKind.Linear },
        Loss = new() { Kind = EmbeddingLoss.Softmax, LearnScale = false },
        LabelTransform = new() { Kind = Labels.LabelTransformKind.Centre, Words = 0 },
        Prior = new(),
        Stage2Start = Stage2Start.Pretrained,
        Stage2 =
        [
            new() { Epochs = 8, Frozen = true, LearningRate = 3e-3 },
            new() { Epochs = 6, LastGroupOnly = true, LearningRate = 3e-4, LowestLearningRate = 1.1e-5 },
        ],
    };

    /// <summary>Every recipe by its name.</summary>
    public static IReadOnlyDictionary<string, TrainingOptions> All { get; } = new Dictionary<string, TrainingOptions>(StringComparer.Ordinal) { ["best"] = Best, ["paper"] = Paper };

    /// <exception cref="DeviseInputException">No such recipe.</exception>
    public static TrainingOptions ByName(string name) =>
        All.TryGetValue(name, out var options) ? options : throw new DeviseInputException($"preset '{name}', expected one of {string.Join(", ", All.Keys)}");
}
