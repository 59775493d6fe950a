namespace MLNet.Devise.Training.Learning;

/// <summary>How a run is carried out. Nothing in it changes what is learnt.</summary>
public sealed record RunSettings
{
    /// <summary>Goes on from the checkpoint that an interrupted run left in its folder; begins where there is none.</summary>
    public bool Resume { get; init; }

    /// <summary>Time between two checkpoints within an epoch; every epoch's end makes one too.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Folder for decoded images and pooled views, which outlives the run and may serve several; null takes <c>cache</c> in the run's
    /// folder, which goes when the run is finished.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>Most bytes that decoded images may take on disk; 0 takes 8 GB, or half of what the disk has left if that is less.</summary>
    public long CacheBytes { get; init; }

    /// <summary>
    /// Validation images whose embeddings are kept after every epoch of stage 2, so that a report can show how they moved; 400 of 300 values
    /// take 0.25 MB an epoch. 0 keeps none.
    /// </summary>
    public int EpochEmbeddings { get; init; } = 400;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (CheckpointEvery <= TimeSpan.Zero) throw new DeviseInputException($"checkpoint interval: {CheckpointEvery}, expected above 0");
        if (EpochEmbeddings < 0) throw new DeviseInputException($"epoch embeddings: {EpochEmbeddings}, expected at least 0");
        if (CacheBytes < 0) throw new DeviseInputException($"cache bytes: {CacheBytes}, expected at least 0");
    }
}
