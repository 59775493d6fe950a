using System.CommandLine;
using MLNet.Devise.Data.Sample;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise sample</c>: draws a data set that needs no download.</summary>
internal static class SampleVerb
{
    public static Command Create()
    {
        var defaults = new DrawnSampleOptions();
        var output = new Option<string>("--out") { Description = "Where the data set goes: a new folder, or an older sample.", Required = true };
        var images = new Option<int>("--images-per-class") { Description = "Pictures of each class.", DefaultValueFactory = _ => defaults.ImagesPerClass };
        var size = new Option<int>("--size") { Description = "Side of a picture, pixels.", DefaultValueFactory = _ => defaults.Size };
        return new Command("sample", "Draw coloured shapes in AWA2's layout, with made-up word vectors.") { output, images, size }.Does((parsed, session) =>
        {
            var options = defaults with { Seed = session.Seed ?? 0, ImagesPerClass = parsed.GetValue(images), Size = parsed.GetValue(size) };
            var sample = Draw(session, parsed.GetValue(output)!, options);
            session.Answer(sample, text => text.WriteLine($"{sample.Images} pictures of {sample.Classes.Count} classes, {sample.Unseen.Count} held out → {sample.Folder}"));
        });
    }

    /// <summary>Draws; also used by <c>devise run</c>.</summary>
    public static DrawnSampleResult Draw(Session session, string folder, DrawnSampleOptions options)
    {
        session.Say($"drawing {options.ImagesPerClass} pictures a class, seed {options.Seed}");
        return DrawnSample.Write(folder, options, cancel: session.Cancellation);
    }
}
