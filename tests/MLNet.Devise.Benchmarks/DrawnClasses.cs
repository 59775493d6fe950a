using MLNet.Devise.Data;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Benchmarks;

/// <summary>Any folder of images as a data set: what a step costs does not depend on what the labels are.</summary>
internal static class DrawnClasses
{
    private const int Classes = 10, Dimension = 300;

    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"];

    /// <summary>Copies the images, wherever they lie under a folder, in turn into class folders.</summary>
    public static ImageDataset Of(string images, string copy)
    {
        var files = Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToArray();
        foreach (var (file, i) in files.Select((file, i) => (file, i)))
        {
            var folder = Directory.CreateDirectory(Path.Combine(copy, $"class{i % Classes}")).FullName;
            File.Copy(file, Path.Combine(folder, $"{i}{Path.GetExtension(file)}"));
        }
        return ImageDataset.Open(copy);
    }

    /// <summary>A vector for each class.</summary>
    public static LabelSpace Vectors(IReadOnlyList<string> names)
    {
        var random = new Random(0);
        return new(names, [.. Enumerable.Range(0, names.Count * Dimension).Select(_ => random.NextSingle() - 0.5f)]);
    }
}
