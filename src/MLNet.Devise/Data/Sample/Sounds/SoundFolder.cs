using System.Globalization;

namespace MLNet.Devise.Data.Sample;

/// <summary>Whose folder it is: a sound sample may be made anew over an old one, never over anything else.</summary>
internal static class SoundFolder
{
    private const string Mark = "Sound sample, made by `devise sample --kind sounds`";

    /// <summary>Refuses a folder that holds something else, and clears what an older sample may not leave behind.</summary>
    public static void Claim(string folder)
    {
        if (File.Exists(folder)) throw new DeviseInputException($"{folder}: a file, expected a folder for the sound sample");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()) return;
        var readme = Path.Combine(folder, SampleFolder.Readme);
        if (!File.Exists(readme) || File.ReadLines(readme).FirstOrDefault() != Mark)
            throw new DeviseInputException($"{folder}: holds something other than a sound sample, expected an empty or new folder, or a sample to make anew");
        string[] parts = [.. new[] { SampleFolder.Images, SoundSample.Sounds }.Select(name => Path.Combine(folder, name)).Where(Directory.Exists)];
        var foreign = parts.SelectMany(part => Directory.EnumerateFiles(part, "*", SearchOption.AllDirectories).Where(path => !IsOurs(part, path))).FirstOrDefault();
        if (foreign is not null) throw new DeviseInputException($"{foreign}: not one of the sample's files, which would be made anew; move it elsewhere");
        foreach (var part in parts) Directory.Delete(part, recursive: true);
        File.Delete(Path.Combine(folder, SampleFolder.Unseen));
    }

    /// <summary>Says in the folder itself what it is. Written first: it is what marks the folder ours.</summary>
    public static string Describe(SoundSampleOptions options, DrawnSampleResult result) => string.Create(CultureInfo.InvariantCulture, $"""
        {Mark}

        Nothing in this folder is real. The sounds are synthesised by a program, and vectors.vec holds made-up
        word vectors: random directions in which motions resemble motions and timbres resemble timbres. They
        serve to try a whole pipeline in minutes; figures measured here say nothing about recordings.

        seed: {options.Seed}
        sounds per class: {options.SoundsPerClass}
        classes: {result.Classes.Count}, of which held out for zero-shot: {result.Unseen.Count}
        held out: {string.Join(", ", result.Unseen.Select(ClassList.Display))}

        sounds/<class>/          the sounds, a second each (WAV, {SoundMaker.Rate} Hz, mono)
        JPEGImages/<class>/      their log-mel spectrograms (PNG, {options.Spectrogram.Size} px), which training reads
        classes.txt              all classes; trainclasses.txt and testclasses.txt divide them
        vectors.vec              the word vectors, as text

        """);

    // A sound, its picture, or what an interrupted write left of one.
    private static bool IsOurs(string part, string path)
    {
        var names = Path.GetRelativePath(part, path).Split(Path.DirectorySeparatorChar);
        return names.Length == 2
            && SoundClasses.All.Any(label => label.Name == names[0])
            && names[1].StartsWith($"{names[0]}_", StringComparison.Ordinal)
            && Path.GetExtension(names[1]) is ".png" or ".wav" or ".partial";
    }
}
