using System.CommandLine;
using MLNet.Devise.Data.Sample;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise sample</c>: makes a data set that needs no download.</summary>
internal static class SampleVerb
{
    public static Command Create()
    {
        var defaults = new DrawnSampleOptions();
        var output = new Option<string>("--out") { Description = "Where the data set goes: a new folder, or an older sample.", Required = true };
        var kind = new Option<SampleKind>("--kind") { Description = "shapes (drawn pictures) or sounds (WAV files, and pictures of their spectrograms)." };
        var images = new Option<int>("--images-per-class") { Description = "Pictures, or sounds, of each class.", DefaultValueFactory = _ => defaults.ImagesPerClass };
        var size = new Option<int>("--size") { Description = "Side of a picture, pixels.", DefaultValueFactory = _ => defaults.Size };
        return new Command("sample", "Make a data set in AWA2's layout, with made-up word vectors: coloured shapes, or sounds.") { output, kind, images, size }.Does((parsed, session) =>
        {
            var (seed, count, side) = (session.Seed ?? 0, parsed.GetValue(images), parsed.GetValue(size));
            var sounds = parsed.GetValue(kind) == SampleKind.Sounds;
            var sample = sounds
                ? Make(session, parsed.GetValue(output)!, new() { Seed = seed, SoundsPerClass = count, Spectrogram = new() { Size = side } })
                : Draw(session, parsed.GetValue(output)!, defaults with { Seed = seed, ImagesPerClass = count, Size = side });
            session.Answer(sample, text => text.WriteLine($"{sample.Images} {(sounds ? "sounds" : "pictures")} of {sample.Classes.Count} classes, {sample.Unseen.Count} held out → {sample.Folder}"));
        });
    }

    /// <summary>Draws; also used by <c>devise run</c>.</summary>
    public static DrawnSampleResult Draw(Session session, string folder, DrawnSampleOptions options)
    {
        session.Say($"drawing {options.ImagesPerClass} pictures a class, seed {options.Seed}");
        return DrawnSample.Write(folder, options, cancel: session.Cancellation);
    }

    /// <summary>Makes sounds; also used by <c>devise run</c>.</summary>
    public static DrawnSampleResult Make(Session session, string folder, SoundSampleOptions options)
    {
        session.Say($"making {options.SoundsPerClass} sounds a class, seed {options.Seed}");
        return SoundSample.Write(folder, options, session.Cancellation);
    }

    private enum SampleKind { Shapes, Sounds }
}
