namespace MLNet.Devise.Training.Learning;

/// <summary>Recipes with a name.</summary>
public static class TrainingPresets
{
    /// <summary>The name of the recipe that is taken where none is named.</summary>
    public const string Default = "best";

    /// <summary>The paper's recipe, exactly: what <see cref="TrainingOptions"/> is by default.</summary>
    public static TrainingOptions Paper { get; } = new();

    /// <summary>
    /// Our recipe: embeddings may point anywhere, are drawn to their label and pushed from the others, and labels are told apart by what is
    /// left of their vectors without the part that all share. Each was chosen by cross-validation over seen classes
    /// (<c>devise experiment --folds</c>), never on unseen ones.
    /// </summary>
    public static TrainingOptions Best { get; } = new()
    {
        Head = new() { Kind = HeadKind.Linear },
        Loss = new() { Kind = EmbeddingLoss.Softmax, Weight = 0.5, CosineWeight = 1, LearnScale = false },
        LabelTransform = new() { Kind = Labels.LabelTransformKind.Centre, Words = 0 },
    };

    /// <summary>Every recipe by its name.</summary>
    public static IReadOnlyDictionary<string, TrainingOptions> All { get; } = new Dictionary<string, TrainingOptions>(StringComparer.Ordinal) { ["best"] = Best, ["paper"] = Paper };

    /// <exception cref="DeviseInputException">No such recipe.</exception>
    public static TrainingOptions ByName(string name) =>
        All.TryGetValue(name, out var options) ? options : throw new DeviseInputException($"preset '{name}', expected one of {string.Join(", ", All.Keys)}");
}
