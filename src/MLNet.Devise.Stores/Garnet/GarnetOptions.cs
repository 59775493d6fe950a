using System.Text.RegularExpressions;

namespace MLNet.Devise.Stores;

/// <summary>How images are kept in Garnet.</summary>
public sealed partial record GarnetOptions
{
    /// <summary>What the keys begin with: letters, digits, '-' and '_', at most 64.</summary>
    public string Name { get; init; } = "devise-images";

    /// <summary>
    /// Vector sets that the images are spread over, 1 to 4,096: several a node, so that slots even out and nodes can be added. Fixed once
    /// there are images, for whom another number is refused; <see langword="null"/>: what was noted with them, 32 for the first ones.
    /// </summary>
    public int? Shards { get; init; }

    /// <summary>Links a vector, 4 to 4,096 (M).</summary>
    public int M { get; init; } = 32;

    /// <summary>Candidates looked at when a vector is linked, 1 to 1,000,000.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Candidates that a search keeps in each vector set, 1 to 1,000,000; at least as many as are asked for are kept.</summary>
    public int EfSearch { get; init; } = 100;

    /// <summary>Whether graphs are searched by one-byte codes (<c>Q8</c>); the floats are kept either way.</summary>
    public bool Quantized { get; init; }

    /// <summary>How long one vector set may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Told when nodes did not answer a search, whose results are then those of the others. <see langword="null"/>, or where none answers: such a search throws <see cref="PartialAnswerException"/>.</summary>
    public Action<PartialAnswerException>? OnPartial { get; init; }

    internal GarnetOptions Validated()
    {
        if (!Prefix().IsMatch(Name)) throw new DeviseInputException($"name '{Name}': expected letters, digits, '-' and '_', at most 64");
        if (Shards is < 1 or > 4096) throw new DeviseInputException($"shards: {Shards}, expected 1 to 4,096");
        if (M is < 4 or > 4096) throw new DeviseInputException($"m: {M}, expected 4 to 4,096");
        if (EfConstruction is < 1 or > 1_000_000 || EfSearch is < 1 or > 1_000_000) throw new DeviseInputException($"ef: {EfConstruction} and {EfSearch}, expected 1 to 1,000,000");
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromHours(1)) throw new DeviseInputException($"timeout: {Timeout}, expected more than 0 and at most an hour");
        return this;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex Prefix();
}
