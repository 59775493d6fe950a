using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli;

/// <summary>Recipes that differ in stage 2 only share their first stage: it is trained once a seed and fold.</summary>
internal static class ExperimentStage1
{
    /// <summary>A hash of all that decides stage 1 besides weights and data.</summary>
    public static ulong Key(TrainingOptions options)
    {
        var first = options with { Pretrained = null, Loss = new(), Prior = null, Stage2Start = default, LabelTransform = new(), Phrases = new(), Stage2 = new TrainingOptions().Stage2, Calibrate = false, Head = options.Head with { Kind = HeadKind.Fastai }, Mix = options.Mix with { Stage2 = false } };
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(TrainingRun.ToNode(first).ToJsonString().AsSpan()));
    }

    /// <summary>The options with a first stage that another row of the folder has trained, where there is one.</summary>
    /// <param name="folder">The folder of one seed and fold, in which every row has its own.</param>
    /// <param name="run">Where the row's run goes.</param>
    /// <param name="options">Its whole recipe.</param>
    /// <param name="identity">The same with its data.</param>
    public static TrainingOptions Share(string folder, string run, TrainingOptions options, ExperimentIdentity identity)
    {
        if (options.Stage1Run is not null || options.Stage1.Count == 0) return options;
        // An interrupted run goes on as it was begun, by the name of the row: the folder may have been moved.
        var shared = Checkpoint.TryRead(run) is not { } begun ? Find(folder, identity)
            : JsonNode.Parse(begun.State.Basis)?["stage1Run"]?.GetValue<string>() is { } path ? RunOf(Path.Combine(folder, Path.GetFileName(Path.GetDirectoryName(path))!))
            : null;
        return shared is null ? options : options with { Stage1Run = shared, Stage1 = [] };
    }

    private static string? Find(string folder, ExperimentIdentity identity) =>
        Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
            .Where(row => ExperimentIdentity.TryRead(row) is { } other && other.Images == identity.Images && other.Weights == identity.Weights && (other.WeightsHash ?? identity.WeightsHash) == identity.WeightsHash && Key(other.Recipe) == Key(identity.Recipe))
            .Select(RunOf)
            .FirstOrDefault(run => File.Exists(Path.Combine(run, TrainingRun.ManifestName)) && File.Exists(Path.Combine(run, TrainingRun.Stage1Name)));

    private static string RunOf(string row) => Path.GetFullPath(Path.Combine(row, "run"));
}
