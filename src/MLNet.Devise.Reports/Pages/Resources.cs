namespace MLNet.Devise.Reports.Pages;

/// <summary>Files that this assembly carries.</summary>
internal static class Resources
{
    /// <summary>A text file, its lines ending as in this program's source.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
