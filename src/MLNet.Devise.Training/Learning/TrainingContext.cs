using System.Diagnostics;
using MLNet.Devise.Data;
using MLNet.Devise.Training.Backbones;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>What the two stages of a run share.</summary>
internal sealed record TrainingContext
{
    public required ImageDataset Data { get; init; }

    public required ImageFeed Feed { get; init; }

    public required TrainingOptions Options { get; init; }

    public required RunSettings How { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Folder { get; init; }

    public required Device Device { get; init; }

    /// <summary>Where the run stands; the stages move it on.</summary>
    public required TrainingState State { get; init; }

    public required Action<TrainingProgress> Report { get; init; }

    /// <summary>What was odd but not fatal, a line each, besides what the feed has to say.</summary>
    public List<string> Warnings { get; } = [];

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Seconds of the run in earlier processes.</summary>
    public double SecondsBefore { get; init; }

    /// <summary>Seconds of the run in all.</summary>
    public double Seconds => SecondsBefore + _clock.Elapsed.TotalSeconds;

    /// <summary>Images that could not be read, in this process or an earlier one, with the reason.</summary>
    public IReadOnlyDictionary<string, string> BadImages => Feed.Bad.Concat(State.BadImages).DistinctBy(bad => bad.Key).ToDictionary(bad => bad.Key, bad => bad.Value);

    /// <summary>Where decoded images and pooled views are kept.</summary>
    public string CacheFolder => CacheFolderOf(Folder, How);

    public static string CacheFolderOf(string folder, RunSettings how) => how.Cache ?? Path.Combine(folder, "cache");

    /// <summary>Writes the checkpoint.</summary>
    public void Save(IReadOnlyList<(string Name, NamedTensor Tensor)> tensors)
    {
        foreach (var (path, reason) in Feed.Bad) State.BadImages[path] = reason;
        State.Seconds = Seconds;
        Checkpoint.Write(Folder, State, tensors);
    }
}
