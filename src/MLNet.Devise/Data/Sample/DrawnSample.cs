using SkiaSharp;

namespace MLNet.Devise.Data.Sample;

/// <summary>
/// A small data set that needs no download: pictures of coloured shapes labelled by phrases (<c>red+star</c>) in the layout of Animals
/// with Attributes 2, and made-up word vectors for them. Some combinations are held out, so that zero-shot has a right answer.
/// </summary>
/// <remarks>The bytes follow from the options alone, however many threads draw; another version of SkiaSharp may round a pixel differently.</remarks>
public static class DrawnSample
{
    /// <summary>Draws the sample into <paramref name="folder"/>: the same bytes for the same options.</summary>
    /// <param name="folder">A new or empty folder, or one with a drawn sample, which is replaced.</param>
    /// <param name="options">What to draw; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Told the number of pictures written so far.</param>
    /// <param name="cancel">Stops between pictures; what is written stays, and can be drawn anew.</param>
    /// <exception cref="DeviseInputException">An option is out of range, or the folder holds something else.</exception>
    public static DrawnSampleResult Write(string folder, DrawnSampleOptions? options = null, IProgress<int>? progress = null, CancellationToken cancel = default) =>
        Write(folder, options ?? new(), Environment.ProcessorCount, progress, cancel);

    internal static DrawnSampleResult Write(string folder, DrawnSampleOptions options, int threads, IProgress<int>? progress, CancellationToken cancel)
    {
        options.Validate();
        var root = Path.GetFullPath(folder);
        SampleFolder.Claim(root);
        var classes = SampleClasses.All;
        var held = SampleClasses.HeldOut(options);
        var result = new DrawnSampleResult(root, Names(classes), Names(held), classes.Count * options.ImagesPerClass, Path.Combine(root, "vectors.vec"));

        WholeFile.WriteText(Path.Combine(root, SampleFolder.Readme), SampleFolder.Describe(options, result));
        WriteLines("classes.txt", result.Classes.Select((name, i) => $"{i + 1}\t{name}"));
        WriteLines("trainclasses.txt", result.Classes.Except(result.Unseen));
        // No list rather than an empty one, which readers refuse.
        if (held.Count > 0) WriteLines(SampleFolder.Unseen, result.Unseen);
        WholeFile.WriteText(result.VectorsPath, writer => SampleVectors.Write(writer, options.Seed));
        WriteLines(SampleFolder.Boxes, DrawAll(root, classes, options, threads, progress, cancel).Prepend("path,x,y,width,height"));
        return result;

        void WriteLines(string name, IEnumerable<string> lines) => WholeFile.WriteText(Path.Combine(root, name), string.Concat(lines.Select(line => line + '\n')));
    }

    /// <summary>Draws every picture and returns the rows of <c>drawn.csv</c>. A picture's seed is its name, so threads do not matter.</summary>
    private static string[] DrawAll(string root, IReadOnlyList<SampleClass> classes, DrawnSampleOptions options, int threads, IProgress<int>? progress, CancellationToken cancel)
    {
        var rows = new string[classes.Count * options.ImagesPerClass];
        var done = 0;
        ParallelLoop.Run(rows.Length, threads, DrawOne, cancel);
        return rows;

        void DrawOne(int i)
        {
            var label = classes[i / options.ImagesPerClass];
            var path = $"{SampleFolder.Images}/{label.Name}/{label.Name}_{10001 + i % options.ImagesPerClass}.png";
            var random = new Random(StableHash.Seed(options.Seed, path));
            var box = SKRectI.Empty;
            // A lost picture is drawn again in a millisecond; waiting for the disk after each takes several times that.
            WholeFile.Write(Path.Combine(root, path), stream => box = SamplePicture.Draw(label, options.Size, random, stream), flushToDisk: false);
            rows[i] = $"{path},{box.Left},{box.Top},{box.Width},{box.Height}";
            progress?.Report(Interlocked.Increment(ref done));
        }
    }

    private static string[] Names(IEnumerable<SampleClass> classes) => [.. classes.Select(label => label.Name)];
}
