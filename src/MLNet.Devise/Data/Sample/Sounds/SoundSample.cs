using MLNet.Devise.Audio;

namespace MLNet.Devise.Data.Sample;

/// <summary>
/// A small data set of sounds that needs no download: synthesised tones, bells, buzzes, noises and clicks that rise, fall, waver or repeat,
/// labelled by phrases (<c>rising+tone</c>), as WAV files and as pictures of their spectrograms in the layout of Animals with Attributes 2,
/// with made-up word vectors. Some combinations are held out, so that zero-shot has a right answer.
/// </summary>
/// <remarks>The sounds follow from the options alone; another processor or another version of .NET may round a sample differently.</remarks>
public static class SoundSample
{
    /// <summary>The folder of WAV files, in which there is a folder for each class.</summary>
    public const string Sounds = "sounds";

    /// <summary>Makes the sample in <paramref name="folder"/>.</summary>
    /// <param name="folder">A new or empty folder, or one with a sound sample, which is replaced.</param>
    /// <param name="options">What to make; <see langword="null"/> for the defaults.</param>
    /// <param name="cancel">Stops between sounds; what is written stays, and can be made anew.</param>
    /// <exception cref="DeviseInputException">An option is out of range, or the folder holds something else.</exception>
    public static DrawnSampleResult Write(string folder, SoundSampleOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new();
        options.Validate();
        var root = Path.GetFullPath(folder);
        var (classes, held) = (SoundClasses.All, SoundClasses.HeldOut(options));
        SoundFolder.Claim(root);
        var result = new DrawnSampleResult(root, [.. classes.Select(label => label.Name)], [.. held.Select(label => label.Name)], classes.Count * options.SoundsPerClass, Path.Combine(root, "vectors.vec"));

        WholeFile.WriteText(Path.Combine(root, SampleFolder.Readme), SoundFolder.Describe(options, result));
        WriteLines("classes.txt", result.Classes.Select((name, i) => $"{i + 1}\t{name}"));
        WriteLines("trainclasses.txt", result.Classes.Except(result.Unseen));
        // No list rather than an empty one, which readers refuse.
        if (held.Count > 0) WriteLines(SampleFolder.Unseen, result.Unseen);
        WholeFile.WriteText(result.VectorsPath, writer => SampleVectors.Write(writer, options.Seed, SoundClasses.Families));
        ParallelLoop.Run(result.Images, Environment.ProcessorCount, MakeOne, cancel);
        return result;

        void MakeOne(int i)
        {
            var label = classes[i / options.SoundsPerClass];
            var name = $"{label.Name}/{label.Name}_{10001 + i % options.SoundsPerClass}";
            // A sound's seed is its name, so threads do not matter.
            var sound = SoundMaker.Make(label, new(StableHash.Seed(options.Seed, name)));
            WholeFile.Write(Path.Combine(root, Sounds, $"{name}.wav"), stream => WavFile.Write(stream, sound), flushToDisk: false);
            WholeFile.Write(Path.Combine(root, SampleFolder.Images, $"{name}.png"), stream => SpectrogramPicture.Write(sound, options.Spectrogram, stream), flushToDisk: false);
        }

        void WriteLines(string name, IEnumerable<string> lines) => WholeFile.WriteText(Path.Combine(root, name), string.Concat(lines.Select(line => line + '\n')));
    }
}
