using System.IO.Enumeration;
using MLNet.Devise.Data;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>A folder's images, or the files that a pattern matches; listed once, to a file aside, so that later changes do not shift rows.</summary>
internal sealed class FolderInputs : ImageInputs
{
    private static readonly EnumerationOptions Flat = new() { IgnoreInaccessible = false, AttributesToSkip = 0 };

    private readonly string _images;
    private readonly string _expected;
    private readonly TextSpool _listed = new();
    private int _links, _hidden;

    private FolderInputs(string images, string expected) => (_images, _expected) = (images, expected);

    /// <summary>All images in and below a folder.</summary>
    public static FolderInputs Of(string images, string root) =>
        Listed(images, root, images, $"no image in it or below it, expected files ending in {ImageDataset.Endings}", path => ImageDataset.HasImageEnding(path), deep: true);

    /// <summary>All files that a pattern matches.</summary>
    public static FolderInputs Of(string images, GlobPattern pattern, string? output)
    {
        // Else the parts of a job would be images of it once it goes on.
        var own = output is null ? "" : Path.GetRelativePath(pattern.Root, Path.GetFullPath(output)).Replace(Path.DirectorySeparatorChar, '/');
        return Listed(images, pattern.Root, pattern.TypedRoot, $"matches no file below {pattern.Root}, expected at least one", path => pattern.Matches(path) && !IsOwn(path, own), pattern.Deep);
    }

    private static bool IsOwn(string path, string output) =>
        output.Length > 0 && path.StartsWith(output, StringComparison.Ordinal) && (path.Length == output.Length || path.AsSpan(output.Length) is ".stats.json" || path.AsSpan(output.Length).StartsWith(".parts/") || path.EndsWith(".partial", StringComparison.Ordinal));

    public override int LinkedFolders => _links;

    public override int Hidden => _hidden;

    public override IEnumerable<InputRow> Rows() => _listed.Read().Select(path => new InputRow(path, []));

    public override DeviseInputException Empty() => new($"{_images}: {_expected}{(_hidden > 0 ? $" ({SkippedHidden(_hidden)})" : "")}");

    public override void Dispose() => _listed.Dispose();

    private static FolderInputs Listed(string images, string root, string typed, string expected, Func<string, bool> wanted, bool deep)
    {
        var inputs = new FolderInputs(images, expected) { Root = root, TypedRoot = typed };
        try
        {
            foreach (var path in inputs.Below(root, "", wanted, deep)) inputs._listed.Add(path);
            return inputs;
        }
        catch (Exception e)
        {
            inputs.Dispose();
            throw e is IOException or UnauthorizedAccessException ? new DeviseInputException($"{images}: cannot be listed: {e.Message}", e) : e;
        }
    }

    /// <summary>Paths in ordinal order. A folder's slash counts in it: <c>a.png</c> comes before <c>a/b.png</c>.</summary>
    private IEnumerable<string> Below(string folder, string prefix, Func<string, bool> wanted, bool deep)
    {
        var entries = new FileSystemEnumerable<string>(folder, (ref entry) => entry.IsDirectory ? $"{entry.FileName}/" : entry.FileName.ToString(), Flat)
        {
            ShouldIncludePredicate = (ref entry) => (entry.IsDirectory ? deep : wanted(prefix + entry.FileName.ToString())) && !IsHidden(ref entry) && !(entry.IsDirectory && IsLink(ref entry)),
        };
        foreach (var name in SortedNames.Of(entries))
        {
            if (!name.EndsWith('/')) yield return prefix + name;
            else foreach (var path in Below(Path.Combine(folder, name[..^1]), prefix + name, wanted, deep)) yield return path;
        }
    }

    /// <summary>Thumbnails, bins and what a Mac puts beside photos (<c>._a.jpg</c>) are no images of the user's.</summary>
    private bool IsHidden(ref FileSystemEntry entry)
    {
        var hidden = entry.IsHidden || (OperatingSystem.IsWindows() && entry.Attributes.HasFlag(FileAttributes.System));
        if (hidden) _hidden++;
        return hidden;
    }

    private bool IsLink(ref FileSystemEntry entry)
    {
        var link = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
        if (link) _links++;
        return link;
    }
}
