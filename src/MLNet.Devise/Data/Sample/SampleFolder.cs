using System.Globalization;

namespace MLNet.Devise.Data.Sample;

/// <summary>Whose folder it is: a drawn sample may be drawn anew over an old one, never over anything else.</summary>
internal static class SampleFolder
{
    public const string Readme = "README.txt";
    public const string Images = "JPEGImages";
    public const string Unseen = "testclasses.txt";
    public const string Boxes = "drawn.csv";

    private const string Mark = "Drawn sample, made by `devise sample`";

    /// <summary>Refuses a folder that holds something else, and clears what an older sample may not leave behind.</summary>
    public static void Claim(string folder)
    {
        if (File.Exists(folder)) throw new DeviseInputException($"{folder}: a file, expected a folder for the drawn sample");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()) return;
        var readme = Path.Combine(folder, Readme);
        if (!File.Exists(readme) || File.ReadLines(readme).FirstOrDefault() != Mark)
            throw new DeviseInputException($"{folder}: holds something other than a drawn sample, expected an empty or new folder, or a sample to draw anew");
        var images = Path.Combine(folder, Images);
        if (Directory.Exists(images))
        {
            var foreign = Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories).FirstOrDefault(path => !IsOurs(images, path));
            if (foreign is not null) throw new DeviseInputException($"{foreign}: not one of the sample's pictures, which would be drawn anew; move it elsewhere");
            Directory.Delete(images, recursive: true);
        }
        File.Delete(Path.Combine(folder, Unseen));
        File.Delete(Path.Combine(folder, Boxes));
    }

    /// <summary>Says in the folder itself what it is, with everything needed to make it again. Written first: it is what marks the folder ours.</summary>
    public static string Describe(DrawnSampleOptions options, DrawnSampleResult result) => string.Create(CultureInfo.InvariantCulture, $"""
        {Mark}

        Nothing in this folder is real. The pictures are drawn by a program, and vectors.vec holds made-up
        word vectors: random directions in which colours resemble colours and shapes resemble shapes. They
        serve to try a whole pipeline in minutes; figures measured here say nothing about photographs.

        seed: {options.Seed}
        images per class: {options.ImagesPerClass}
        size: {options.Size} px
        classes: {result.Classes.Count}, of which held out for zero-shot: {result.Unseen.Count}
        held out: {string.Join(", ", result.Unseen.Select(ClassList.Display))}

        JPEGImages/<class>/      the pictures (PNG)
        classes.txt              all classes; trainclasses.txt and testclasses.txt divide them
        drawn.csv                where the object is in each picture: x, y, width, height in pixels
        vectors.vec              the word vectors, as text

        """);

    // A picture, or what an interrupted write left of one.
    private static bool IsOurs(string images, string path)
    {
        var parts = Path.GetRelativePath(images, path).Split(Path.DirectorySeparatorChar);
        return parts.Length == 2
            && SampleClasses.All.Any(label => label.Name == parts[0])
            && parts[1].StartsWith($"{parts[0]}_", StringComparison.Ordinal)
            && Path.GetExtension(parts[1]) is ".png" or ".partial";
    }
}
