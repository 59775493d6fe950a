using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MLNet.Devise.Data;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training;

/// <summary>A run's folder while it is trained into: what may be there at the beginning, and what goes at the end.</summary>
internal static class RunFolder
{
    /// <summary>Looks at the folder, and changes nothing in it: the checkpoint to go on from, or null to begin.</summary>
    /// <param name="folder">The run's folder; made if need be.</param>
    /// <param name="basis">What the run is to be begun, or was begun, with.</param>
    /// <param name="how">Whether to resume.</param>
    /// <exception cref="DeviseInputException">The folder holds something else, or an unfinished run that is not to be resumed or was begun otherwise.</exception>
    public static Checkpoint? Open(string folder, string basis, RunSettings how)
    {
        TrainingRun.CheckReplaceable(folder);
        var checkpoint = Checkpoint.TryRead(folder);
        if (checkpoint is not null && !how.Resume)
            throw new DeviseInputException($"{folder}: an unfinished run is in it (stage {checkpoint.State.Stage}, {checkpoint.State.EpochsOfStage} epochs of it done): go on with --resume, or delete the folder to begin again");
        if (checkpoint is not null) CheckSame(folder, checkpoint.State.Basis, basis);
        WholeFile.CheckWritable(Path.Combine(folder, Checkpoint.FileName));
        return checkpoint;
    }

    /// <summary>Begins, or goes on, once all that can be checked is checked: an older finished run goes only when there is a checkpoint in its place.</summary>
    public static void Begin(string folder, TrainingState state, Checkpoint? checkpoint)
    {
        if (checkpoint is null) Checkpoint.Write(folder, state, []);
        // A folder without train.json is no finished run; an older one must not vouch for new weights.
        File.Delete(Path.Combine(folder, TrainingRun.ManifestName));
        RemoveLeftovers(folder);
        if (checkpoint is not (null or { IsEmpty: true })) return;
        RunEmbeddings.Clear(folder);
        // A run without stage 1 would otherwise have that of the older one.
        foreach (var name in (string[])[TrainingRun.Stage1Name, TrainingRun.Stage2Name, TrainingRun.HistoryName]) File.Delete(Path.Combine(folder, name));
    }

    /// <summary>What a resumed run must have in common with the one that was interrupted.</summary>
    public static string Basis(TrainingOptions options, ImageDataset data, TrainingTargets targets)
    {
        var basis = TrainingRun.ToNode(options with { Pretrained = null });
        basis["weights"] = options.Pretrained is { } weights ? $"{HashOf(weights):x16}" : null;
        basis["images"] = $"{StableHash.Of(string.Join('\n', data.Items.Select(item => $"{item.Path} {item.Split}")), 0):x16}";
        basis["labels"] = HashOf(targets.Labels.Vectors);
        basis["distractors"] = targets.Distractors.Length == 0 ? null : HashOf(targets.Distractors);
        basis["knownLabels"] = targets.Known is not { } known ? null : HashOf<int>([.. known.Classes]) + HashOf(known.Vectors);
        return basis.ToJsonString();
    }

    private static string HashOf<T>(ReadOnlySpan<T> values) where T : struct => $"{XxHash3.HashToUInt64(MemoryMarshal.AsBytes(values)):x16}";

    /// <summary>XXH3 of a file's content.</summary>
    public static ulong HashOf(string file)
    {
        var hash = new XxHash3();
        using var stream = File.OpenRead(file);
        hash.Append(stream);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Takes away the cache that no other run was meant to share. Why it could not, or null: a run does not fail of what it no longer needs.</summary>
    public static string? RemoveCache(string folder, RunSettings how)
    {
        var cache = TrainingContext.CacheFolderOf(folder, how);
        if (how.Cache is not null || !Directory.Exists(cache)) return null;
        try { Directory.Delete(cache, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return $"{cache}: the run's cache cannot be removed ({e.Message}); nothing needs it any more, delete it"; }
        return null;
    }

    /// <summary>Takes away what says that the run is unfinished.</summary>
    public static void End(string folder) => File.Delete(Path.Combine(folder, Checkpoint.FileName));

    /// <summary>What a process that was killed while it wrote has left beside the file that it did not get to replace.</summary>
    private static void RemoveLeftovers(string folder)
    {
        string[] patterns = ["*.partial", $"{Checkpoint.FileName}.*.probe"];
        foreach (var leftover in patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))) File.Delete(leftover);
    }

    private static void CheckSame(string folder, string before, string now)
    {
        if (Differences(Movable(JsonNode.Parse(before)!.AsObject()), Movable(JsonNode.Parse(now)!.AsObject())) is { } differences)
            throw new DeviseInputException($"{folder}: the run in it was begun with other {differences}; resume it as it was begun, or delete the folder to begin again");
    }

    /// <summary>Options with the last two names alone of the run that stage 1 is taken from, and the last of the weights: folders may be moved.</summary>
    public static JsonObject Movable(JsonObject options)
    {
        if (options["pretrained"]?.GetValue<string>() is { } weights) options["pretrained"] = Path.GetFileName(weights);
        if (options["stage1Run"]?.GetValue<string>() is { } run && Path.TrimEndingDirectorySeparator(run) is var path)
            options["stage1Run"] = Path.Join(Path.GetFileName(Path.GetDirectoryName(path)), Path.GetFileName(path));
        return options;
    }

    /// <summary>The keys that differ, and the first one's values; null where nothing does.</summary>
    public static string? Differences(JsonObject then, JsonObject now)
    {
        var different = now.Select(pair => pair.Key).Union(then.Select(pair => pair.Key)).Where(key => !JsonNode.DeepEquals(then[key], now[key])).ToArray();
        return different.Length == 0 ? null : $"{string.Join(", ", different)} (then {Short(then[different[0]])}, now {Short(now[different[0]])})";
    }

    /// <summary>The finished run of a folder, if it is one of this data and these vectors as far as it says.</summary>
    /// <exception cref="DeviseInputException">It is of others.</exception>
    public static TrainingRun CheckSame(string folder, TrainingRun finished, ImageDataset data, string vectors)
    {
        var other = !finished.Seen.SequenceEqual(data.Seen) || !finished.Unseen.SequenceEqual(data.Unseen) ? "classes"
            : finished.Images.Any(split => data.Items.Count(item => item.Split.ToString().Equals(split.Key, StringComparison.OrdinalIgnoreCase)) != split.Value) ? "images"
            : finished.Vectors != Path.GetFileName(vectors) ? "word vectors"
            : null;
        return other is null ? finished : throw new DeviseInputException($"{folder}: a finished run of other {other} is in it; name another folder, or leave out --resume to replace it");
    }

    private static string Short(JsonNode? node) => node?.ToJsonString() is { } text ? text.Length > 60 ? text[..60] + "…" : text : "none";
}
