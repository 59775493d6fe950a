using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Reports;

/// <summary>All that goes into a report.</summary>
public sealed record ReportInput
{
    /// <summary>Heading and window title.</summary>
    public required string Title { get; init; }

    /// <summary>What <see cref="Evaluator"/> found.</summary>
    public required EvaluationResult Evaluation { get; init; }

    /// <summary>The label vectors of the evaluation.</summary>
    public required LabelSpace Labels { get; init; }

    /// <summary>Where the images' paths begin; an image that cannot be read is shown as a gap.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The epochs of training; may be empty.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>Photos of each class by what they are for; may be empty.</summary>
    public IReadOnlyList<ClassImages> Classes { get; init; } = [];

    /// <summary>Where validation photos lay after each epoch; null where training did not keep it.</summary>
    public EmbeddingHistory? Embeddings { get; init; }

    /// <summary>Draws where in a photo a cosine comes from; null for no heat.</summary>
    public GradCam? Heat { get; init; }

    /// <summary>The same for the classifier of stage 1; null where there is none.</summary>
    public GradCam? ClassifierHeat { get; init; }

    /// <summary>Options, seeds, versions, counts: whatever makes the run repeatable, in the order to print.</summary>
    public IReadOnlyList<ReportFact> Facts { get; init; } = [];

    /// <summary>Files that could not be read, a line each with the reason.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>Seed that draws the galleries' photos and names.</summary>
    public long Seed { get; init; }
}

/// <summary>One line of a report's table of facts.</summary>
/// <param name="Group">Heading that it stands under: <c>Options</c>.</param>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value, as text.</param>
public sealed record ReportFact(string Group, string Name, string Value);
