using MLNet.Devise.Labels;

namespace MLNet.Devise.Search;

/// <summary>What made an index's vectors: a copy of the label vectors, so that text can be looked for with the index alone, and where the network is, for images.</summary>
/// <param name="Bundle">The bundle's folder: absolute; a relative one is of the current directory.</param>
/// <param name="Sha256">SHA-256 of the bundle's network, lower-case hexadecimal: another network's vectors cannot be compared.</param>
/// <param name="Vectors">The word-vector file that the labels came from, by name.</param>
/// <param name="Labels">The bundle's labels with their vectors.</param>
public sealed record IndexModel(string Bundle, string Sha256, string Vectors, LabelSpace Labels)
{
    /// <summary>What a bundle's embeddings are made by.</summary>
    public static IndexModel Of(ModelBundle bundle)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        return new(bundle.Folder, bundle.Manifest.Files[ModelBundle.OnnxName].Sha256, bundle.Manifest.Vectors, bundle.Labels);
    }

    /// <summary>Itself, where a file of vectors of so many values can hold it: what is saved must open again.</summary>
    /// <exception cref="DeviseInputException">It cannot.</exception>
    internal IndexModel Validated(int dimension)
    {
        if (Labels.Dimension != dimension) throw new DeviseInputException($"the model's labels have {Labels.Dimension} values, the index's vectors {dimension}; expected the model that made them");
        if (Labels.Names.Any(string.IsNullOrEmpty)) throw new DeviseInputException("a label of the model has no name, expected one for each");
        if (string.IsNullOrWhiteSpace(Bundle) || Bundle.Contains('\0', StringComparison.Ordinal)) throw new DeviseInputException($"the model's bundle is '{Bundle.Replace('\0', '?')}', expected a folder's path");
        return this;
    }
}

/// <summary>How an index file is opened.</summary>
public sealed record IndexOpenOptions
{
    /// <summary>What is read at once.</summary>
    public IndexLoading Loading { get; init; }

    /// <summary>Whether to read every byte and check it first. Otherwise what is read later is checked only so far that damage cannot do harm; before the index is saved or rebuilt, all of it is.</summary>
    public bool Verify { get; init; }

    /// <summary>For an index that will be saved into its own file: a mapped one cannot be replaced on Windows.</summary>
    internal static IndexOpenOptions ToChange => new() { Loading = OperatingSystem.IsWindows() ? IndexLoading.Whole : IndexLoading.Mapped };
}

/// <summary>What is read of an index file when it is opened.</summary>
public enum IndexLoading
{
    /// <summary>Nearly nothing: the file is mapped, and searches read what they touch. The file may be replaced meanwhile, but not changed or cut.</summary>
    Mapped,
    /// <summary>What searches touch all the time, into memory of large pages: faster searches. The floats of an <see cref="VectorStorage.Int8"/> index stay mapped.</summary>
    Resident,
    /// <summary>Everything; the file is closed again.</summary>
    Whole,
}
