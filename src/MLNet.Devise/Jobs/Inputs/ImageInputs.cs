using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>The images that a job is asked to score; listed as they are asked for, never held all at once.</summary>
internal abstract class ImageInputs : IDisposable
{
    /// <summary>Where relative paths start, absolute.</summary>
    public required string Root { get; init; }

    /// <summary>The same in the words in which it was named, so that paths can be opened from the working folder; empty for that folder itself.</summary>
    public string TypedRoot { get; init; } = "";

    /// <summary>Columns beside the path.</summary>
    public IReadOnlyList<KeptColumn> Kept { get; init; } = [];

    /// <summary>Links to folders, which were not followed.</summary>
    public virtual int LinkedFolders => 0;

    /// <summary>Hidden files and folders that would have been inputs, and were left out.</summary>
    public virtual int Hidden => 0;

    /// <summary>Columns of a list in whose place the scores' own of that name go through.</summary>
    public IReadOnlyList<string> Replaced { get; init; } = [];

    /// <summary>Every input, in order; the same at each call as long as nobody changes the list.</summary>
    public abstract IEnumerable<InputRow> Rows();

    /// <summary>The error of inputs without a row.</summary>
    public abstract DeviseInputException Empty();

    public abstract void Dispose();

    /// <summary>Opens a folder, a pattern or a list; no image is opened.</summary>
    /// <param name="images">
    /// A folder, searched with all below it for files with an image's ending, in ordinal order of their relative paths (links to
    /// folders are not followed, hidden files left out); a pattern with <c>*</c>, <c>?</c> or <c>**</c>, which stand for files of any
    /// ending; or a <c>.csv</c> or <c>.parquet</c> with a column <c>Path</c>, whose relative paths start from the file's own folder.
    /// </param>
    /// <param name="keep">The list's columns to pass through; <see langword="null"/> for all.</param>
    /// <param name="output">The job's output, which no pattern means, nor what a job writes beside it.</param>
    /// <exception cref="DeviseInputException">None of these, or a malformed list.</exception>
    public static ImageInputs Open(string images, IReadOnlyList<string>? keep = null, string? output = null)
    {
        var full = Path.GetFullPath(images);
        var isList = File.Exists(full);
        if (!isList && keep is { Count: > 0 }) throw new DeviseInputException($"keep '{keep[0]}': {images} is no list with columns, expected a .csv or .parquet");
        if (Directory.Exists(full)) return FolderInputs.Of(images, full);
        if (!isList && GlobPattern.IsPattern(images)) return FolderInputs.Of(images, GlobPattern.Parse(images), output);
        if (!isList) throw new DeviseInputException($"{images}: no such file or folder, expected {Expected}");
        return Path.GetExtension(full).ToLowerInvariant() switch
        {
            ".csv" => CsvInputs.Of(images, keep),
            ".parquet" => ParquetInputs.Of(images, keep),
            var ending => throw new DeviseInputException($"{images}: '{ending}', expected {Expected}"),
        };
    }

    /// <summary>What to say where links were not followed or hidden files left out, a line each.</summary>
    public static IEnumerable<string> Skipped(int links, int hidden) =>
        [.. links > 0 ? [$"{links} {(links == 1 ? "folder is a link and was" : "folders are links and were")} not looked into; list their images in a .csv to take them too"] : (string[])[], .. hidden > 0 ? [SkippedHidden(hidden)] : (string[])[]];

    private protected static string SkippedHidden(int count) => $"{count} hidden {(count == 1 ? "file or folder was" : "files or folders were")} left out; list their images in a .csv to take them too";

    private static string Expected => $"a folder of images, a pattern such as 'photos/**/*.jpg', or a .csv or .parquet with a column '{Columns.Path}'";
}
