using System.Text.Json;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// Where a run stands, between two steps. With the tensors beside it in a checkpoint this is all that a run needs to go on: order,
/// variation and dropout of every step are functions of the seed and these numbers, so no generator's state is kept.
/// </summary>
internal sealed class TrainingState
{
    /// <summary>What the run was begun with, as JSON; a resumed run must be the same.</summary>
    public string Basis { get; set; } = "";

    /// <summary>1 or 2.</summary>
    public int Stage { get; set; } = 1;

    /// <summary>Phase under way, within the stage, from 0.</summary>
    public int Phase { get; set; }

    /// <summary>Finished epochs of the phase.</summary>
    public int Epoch { get; set; }

    /// <summary>Finished steps of the epoch under way.</summary>
    public int Step { get; set; }

    /// <summary>Sum of the epoch's losses so far.</summary>
    public double LossSum { get; set; }

    /// <summary>Losses in that sum: steps whose images could not be read have none.</summary>
    public int Losses { get; set; }

    /// <summary>Images of the epoch so far.</summary>
    public int Images { get; set; }

    /// <summary>Smoothed loss of the phase; null before its first step.</summary>
    public double? Smooth { get; set; }

    /// <summary>Best validation accuracy of the stage so far; null before its first epoch.</summary>
    public double? Best { get; set; }

    /// <summary>Epochs since then.</summary>
    public int Stale { get; set; }

    /// <summary>Steps in the running average of the weights.</summary>
    public long AverageSteps { get; set; }

    /// <summary>Seconds of training before this process.</summary>
    public double Seconds { get; set; }

    /// <summary>Parameters of stage 1; null where it was left out.</summary>
    public long? Stage1Parameters { get; set; }

    /// <summary>Validation accuracy of what stage 1 left; null where it was left out or nothing could be validated.</summary>
    public double? Stage1Accuracy { get; set; }

    /// <summary>γ of calibrated stacking; null until it is chosen.</summary>
    public double? Gamma { get; set; }

    /// <summary>Finished epochs of all stages.</summary>
    public List<EpochRecord> History { get; set; } = [];

    /// <summary>Images that could not be read, with the reason.</summary>
    public Dictionary<string, string> BadImages { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Epochs of the stage under way that are in the history.</summary>
    public int EpochsOfStage => History.Count(epoch => epoch.Stage == Stage);

    /// <summary>Begins a stage at its first step.</summary>
    public void Begin(int stage)
    {
        (Stage, Phase, Best, Stale, AverageSteps) = (stage, -1, null, 0, 0);
        NextPhase();
    }

    public void NextPhase()
    {
        (Phase, Epoch, Smooth) = (Phase + 1, 0, null);
        ClearEpoch();
    }

    public void NextEpoch(EpochRecord finished)
    {
        History.Add(finished);
        Epoch++;
        ClearEpoch();
    }

    private void ClearEpoch() => (Step, LossSum, Losses, Images) = (0, 0, 0, 0);

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">Not a state.</exception>
    public static TrainingState FromJson(string json) => JsonSerializer.Deserialize<TrainingState>(json, Json) ?? throw new JsonException("it is 'null'");

    private static JsonSerializerOptions Json { get; } = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true };
}
