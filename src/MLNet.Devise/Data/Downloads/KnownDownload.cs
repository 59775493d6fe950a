namespace MLNet.Devise.Data.Downloads;

/// <summary>A file that somebody else publishes and training can start from.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="Address">Where its publisher keeps it.</param>
/// <param name="Sha256">Its SHA-256 or the first digits of it, lower-case hexadecimal.</param>
internal sealed record KnownDownload(string Name, Uri Address, string Sha256)
{
    /// <summary>
    /// ImageNet weights as torchvision publishes them. By the convention of its publisher the eight digits in each file's name begin its
    /// SHA-256.
    /// </summary>
    public static readonly IReadOnlyList<KnownDownload> All =
    [
        new("squeezenet1_1", new("https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth"), "b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b"),
        new("resnet34", new("https://download.pytorch.org/models/resnet34-b627a593.pth"), "b627a593bcbe140c234610266fe4f8ae95ea42fc881d091c9b6052e6b1d0590f"),
    ];

    /// <summary>The file's name, as its publisher has it.</summary>
    public string FileName => Path.GetFileName(Address.LocalPath);

    /// <exception cref="DeviseInputException">No such download.</exception>
    public static KnownDownload ByName(string name) => All.FirstOrDefault(known => known.Name == name)
        ?? throw new DeviseInputException($"download '{name}', expected one of {string.Join(", ", All.Select(known => known.Name))}");
}
