namespace MLNet.Devise.Scoring;

/// <summary>What became of an image file; a row is kept whatever it is.</summary>
public enum ImageStatus
{
    /// <summary>Decoded.</summary>
    Ok,
    /// <summary>There is no such file, or it cannot be opened.</summary>
    Missing,
    /// <summary>The file is empty, truncated or damaged.</summary>
    Corrupt,
    /// <summary>More pixels than the limit; refused before decoding.</summary>
    TooLarge,
    /// <summary>Not an image format that can be read here.</summary>
    Unsupported,
    /// <summary>The image was read, but the network's output for it is not finite: the network's fault or its provider's.</summary>
    NotFinite,
}

/// <summary>The texts of <see cref="ImageStatus"/> in score files: <c>ok missing corrupt too-large unsupported not-finite</c>.</summary>
public static class ImageStatusNames
{
    private static readonly string[] Names = ["ok", "missing", "corrupt", "too-large", "unsupported", "not-finite"];

    /// <summary>The text of a status.</summary>
    public static string Name(this ImageStatus status) => Names[(int)status];

    /// <summary>The status of a text.</summary>
    /// <exception cref="DeviseInputException">Another text.</exception>
    public static ImageStatus Parse(string name) => TryParse(name, out var status) ? status : throw new DeviseInputException($"status '{name}', expected {All}");

    internal static string All => $"one of {string.Join(", ", Names)}";

    internal static bool TryParse(string name, out ImageStatus status)
    {
        var index = Array.IndexOf(Names, name);
        status = (ImageStatus)Math.Max(index, 0);
        return index >= 0;
    }
}
