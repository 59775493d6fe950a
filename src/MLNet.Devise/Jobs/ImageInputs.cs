using System.IO.Enumeration;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>The images that a job is asked to score: a folder's, or those a CSV file lists.</summary>
internal static class ImageInputs
{
    /// <summary>Lists the inputs; no image is opened.</summary>
    /// <param name="images">
    /// A folder, searched with all below it for files with an image's ending, in ordinal order of their relative paths (links to
    /// folders are not followed); or a <c>.csv</c> with a <c>Path</c> column, whose relative paths start from the file's own folder.
    /// </param>
    /// <returns>Where relative paths start, and the paths as the score file will name them.</returns>
    /// <exception cref="DeviseInputException">Neither of both, no image in it, or a malformed list.</exception>
    public static (string Root, IReadOnlyList<string> Paths) List(string images)
    {
        var full = Path.GetFullPath(images);
        if (Directory.Exists(full)) return (full, OfFolder(images, full));
        if (!File.Exists(full)) throw new DeviseInputException($"{images}: no such file or folder, expected a folder of images or a .csv with a column '{Columns.Path}'");
        if (!full.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            throw new DeviseInputException($"{images}: '{Path.GetExtension(full)}', expected a folder of images or a .csv with a column '{Columns.Path}'");
        return (Path.GetDirectoryName(full)!, OfCsv(images));
    }

    private static string[] OfFolder(string images, string full)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false };
        var found = new FileSystemEnumerable<string>(full, (ref FileSystemEntry entry) => Path.GetRelativePath(full, entry.ToFullPath()), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && ImageDataset.HasImageEnding(entry.FileName),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        var paths = found.Select(path => path.Replace('\\', '/')).Order(StringComparer.Ordinal).ToArray();
        return paths.Length > 0 ? paths : throw new DeviseInputException($"{images}: no image in it or below it, expected files ending in {ImageDataset.Endings}");
    }

    private static List<string> OfCsv(string images)
    {
        using var csv = new CsvRows(images);
        var column = csv.Header.ToList().IndexOf(Columns.Path);
        if (column < 0) throw csv.HeaderError($"a column '{Columns.Path}'");
        var paths = new List<string>();
        while (csv.Read()) paths.Add(csv[column]);
        return paths.Count > 0 ? paths : throw new DeviseInputException($"{images}: a header and no row, expected an image a row");
    }
}
