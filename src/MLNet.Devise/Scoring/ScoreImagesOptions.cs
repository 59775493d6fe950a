using MLNet.Devise.Labels;

namespace MLNet.Devise.Scoring;

/// <summary>How <c>ScoreImages</c> scores.</summary>
public sealed record ScoreImagesOptions
{
    /// <summary>Labels an image, 1 to the number of labels.</summary>
    public int K { get; init; } = 5;

    /// <summary>The labels to choose among; <see langword="null"/> for all of the bundle's.</summary>
    public LabelSpace? Labels { get; init; }

    /// <summary>Text column of file paths.</summary>
    public string PathColumnName { get; init; } = Columns.Path;

    /// <summary>Folder that relative paths start from and that no path may lead out of; <see langword="null"/>: no such limit.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Threads that one network run may use. ML.NET runs the network on several rows at once by itself, so more than 1 mostly makes
    /// threads wait for each other.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>What ONNX Runtime computes the network with.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    internal ScoreImagesOptions Validated(ModelBundle bundle)
    {
        if (IntraOpThreads is < 1 or > 1024) throw new DeviseInputException($"intraOpThreads: {IntraOpThreads}, expected 1 to 1024");
        ExecutionProviders.Check(Provider);
        if (Labels is { } labels && labels.Dimension != bundle.Manifest.Dimension)
            throw new DeviseInputException(
                $"labels: vectors of {labels.Dimension} values, the bundle's model gives {bundle.Manifest.Dimension}; take vectors from the file it was trained with");
        return this;
    }
}
