namespace MLNet.Devise.Scoring;

/// <summary>Where image paths start from and what they may not leave. Links inside the folder are followed.</summary>
internal sealed class PathRule(string? folder)
{
    private readonly string? _root = folder is null ? null
        : Directory.Exists(folder) ? Path.GetFullPath(folder)
        : throw new DeviseInputException($"{folder}: no such folder of images");

    /// <summary>The file that a path means; false, with a reason, where it is no path or leads outside the folder.</summary>
    public bool TryResolve(string path, out string file, out string error)
    {
        (file, error) = (path, "");
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0')) error = "the path is empty or not a path";
        else if (_root is not null)
        {
            file = Path.GetFullPath(path, _root);
            var inside = Path.GetRelativePath(_root, file);
            if (Path.IsPathRooted(inside) || inside.Split(Path.DirectorySeparatorChar)[0] == "..")
                error = $"leads outside the image folder '{folder}'";
        }
        return error.Length == 0;
    }
}
