namespace MLNet.Devise.Training.Backbones;

/// <summary>
/// The 1000 classes that pretrained weights tell apart, in the order of their logits: the synonyms of each, words joined by <c>_</c>
/// (ILSVRC 2012, Russakovsky et al. 2015; names of WordNet 3.0).
/// </summary>
internal static class ImageNetClasses
{
    private const string Resource = "imagenet-labels.tsv";

    /// <summary>Synonyms by class.</summary>
    public static IReadOnlyList<string[]> Synonyms { get; } = Read();

    private static string[][] Read()
    {
        using var stream = typeof(ImageNetClasses).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource}: not in the assembly");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')[1].Split(", "))];
    }
}
