using System.Globalization;
using System.IO.Hashing;
using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using SkiaSharp;

namespace MLNet.Devise.Tests.Data;

public sealed class DrawnSampleTests : IDisposable
{
    private static readonly DrawnSampleOptions Few = new() { Seed = 7, ImagesPerClass = 3 };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Same_seed_same_bytes_on_any_number_of_threads_and_over_an_older_sample()
    {
        DrawnSample.Write(At("one"), Few, threads: 1, progress: null, Cancel);
        DrawnSample.Write(At("two"), Few with { Seed = 8, ImagesPerClass = 4, HeldOut = 3 }, threads: 2, progress: null, Cancel);
        var other = Contents("two");
        DrawnSample.Write(At("two"), Few, threads: 2, progress: null, Cancel);

        var first = Contents("one");
        Assert.Equal(first, Contents("two"));
        Assert.All(first.Keys.Where(path => path.EndsWith(".png", StringComparison.Ordinal)), path => Assert.NotEqual(first[path], other[path]));
        Assert.NotEqual(first["vectors.vec"], other["vectors.vec"]);
    }

    [Fact]
    public void More_images_leave_the_others_as_they_are()
    {
        Draw("few", Few);
        Draw("more", Few with { ImagesPerClass = 4 });
        var more = Contents("more");
        Assert.All(Contents("few").Where(file => file.Key.EndsWith(".png", StringComparison.Ordinal)), file => Assert.Equal(file.Value, more[file.Key]));
    }

    [Fact]
    public void Opens_as_a_data_set()
    {
        var counts = new Counter();
        var result = DrawnSample.Write(At("data"), Few, counts, Cancel);
        var data = ImageDataset.Open(At("data"));

        Assert.Empty(data.Warnings);
        Assert.Equal(216, result.Images);
        Assert.Equal(216, counts.Most);
        Assert.Equal((63, 9), (data.Seen.Count, data.Unseen.Count));
        Assert.Equal((126, 63, 27), (data.Of(Split.Train).Count(), data.Of(Split.Valid).Count(), data.Of(Split.Test).Count()));
        Assert.Equal(result.Unseen, data.Unseen);
        Assert.Equal(result.Classes.Order(), data.Seen.Concat(data.Unseen).Order());
        Assert.StartsWith("1\tred+circle\n", File.ReadAllText(At("data/classes.txt")), StringComparison.Ordinal);
        Assert.Contains("seed: 7\n", File.ReadAllText(At("data/README.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_unseen_classes_all_are_seen()
    {
        Draw("data", Few with { ImagesPerClass = 1 });
        Draw("data", Few with { ImagesPerClass = 1, HeldOut = 0 });
        var data = ImageDataset.Open(At("data"));
        Assert.Equal((72, 0), (data.Seen.Count, data.Unseen.Count));
    }

    [Fact]
    public void Both_words_of_an_unseen_class_are_seen_in_plenty_of_others()
    {
        foreach (var held in new[] { 9, 16 })
            for (var seed = 0; seed < 50; seed++)
            {
                var unseen = SampleClasses.HeldOut(new() { Seed = seed, HeldOut = held });
                Assert.Equal(held, unseen.Distinct().Count());
                Assert.All(unseen.CountBy(label => label.Colour.Word).Concat(unseen.CountBy(label => label.Shape.Word)), word => Assert.InRange(word.Value, 1, 2));
            }
        Assert.NotEqual(SampleClasses.HeldOut(new() { Seed = 1 }), SampleClasses.HeldOut(new() { Seed = 2 }));
    }

    [Fact]
    public void Vectors_of_a_family_and_of_near_words_lean_together()
    {
        using var text = new StringWriter();
        SampleVectors.Write(text, seed: 7);
        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var vectors = lines.Skip(1).Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => parts.Skip(1).Select(Number).ToArray());

        Assert.Equal($"{vectors.Count} 300", lines[0]);
        Assert.All(vectors.Values, vector => Assert.Equal(300, vector.Length));
        Assert.All(lines.Skip(1), line => Assert.All(line.Split(' ').Skip(1), token => Assert.Equal(token, Number(token).ToString("R", CultureInfo.InvariantCulture))));

        string[] colours = [.. SampleColour.All.Select(colour => colour.Word)], shapes = [.. SampleShape.All.Select(shape => shape.Word)];
        Assert.InRange(Pairs(colours, colours).Average(Cosine), 0.2, 0.35);
        Assert.InRange(Pairs(shapes, shapes).Average(Cosine), 0.2, 0.35);
        Assert.All(Pairs(colours, shapes), pair => Assert.InRange(Cosine(pair), -0.25, 0.25));
        foreach (var near in new[] { ("red", "orange"), ("orange", "pink"), ("blue", "purple"), ("circle", "ring"), ("star", "cross") })
            Assert.InRange(Cosine(near), 0.35, 0.6);

        var phrases = SampleClasses.All.Select(label => Phrase(vectors[label.Colour.Word], vectors[label.Shape.Word])).ToArray();
        for (var i = 0; i < phrases.Length; i++)
            for (var j = 0; j < i; j++) Assert.InRange(Cosines(phrases[i], phrases[j]), -0.2, 0.85);

        double Cosine((string, string) pair) => Cosines(vectors[pair.Item1], vectors[pair.Item2]);
    }

    [Fact]
    public void The_box_holds_the_colour_that_the_label_names_and_the_rest_does_not()
    {
        Draw("data", new() { Seed = 3, ImagesPerClass = 6 });
        foreach (var row in File.ReadLines(At("data/drawn.csv")).Skip(1))
        {
            var parts = row.Split(',');
            var box = SKRectI.Create(Whole(parts[1]), Whole(parts[2]), Whole(parts[3]), Whole(parts[4]));
            using var bitmap = SKBitmap.Decode(At($"data/{parts[0]}"));
            Assert.Equal((64, 64), (bitmap.Width, bitmap.Height));
            Assert.InRange(Math.Max(box.Width, box.Height), 25, 54);
            Assert.True(new SKRectI(0, 0, 64, 64).Contains(box), row);

            var label = Path.GetFileName(parts[0]).Split('+')[0];
            var inside = Named(bitmap, box.Contains);
            Assert.True(inside.GetValueOrDefault(label) > 0.15 * box.Width * box.Height, $"{row}: {string.Join(' ', inside)}");
            Assert.Equal(label, inside.MaxBy(name => name.Value).Key);
            var outside = Named(bitmap, (x, y) => !box.Contains(x, y));
            Assert.True(outside.GetValueOrDefault(label) < 0.15 * inside[label], $"{row}: {string.Join(' ', outside)}");
        }
    }

    [Fact]
    public void A_wrong_option_is_named()
    {
        Refused("imagesPerClass: 0, expected 1 to 10000", () => Draw("data", new() { ImagesPerClass = 0 }));
        Refused("size: 8, expected 32 to 512", () => Draw("data", new() { Size = 8 }));
        Refused("heldOut: 17, expected 0 to 16", () => Draw("data", new() { HeldOut = 17 }));
        Assert.False(Directory.Exists(At("data")));
    }

    [Fact]
    public void A_foreign_folder_is_refused_and_untouched()
    {
        _folder.Write("photos/JPEGImages/cat.jpg", "cat");
        _folder.Write("photos/README.txt", "My photos");
        var before = Contents("photos");
        Refused("photos: holds something other than a drawn sample", () => Draw("photos", Few));
        Assert.Equal(before, Contents("photos"));

        Draw("data", Few with { ImagesPerClass = 1 });
        _folder.Write("data/JPEGImages/red+star/cat.jpg", "cat");
        before = Contents("data");
        Refused("cat.jpg: not one of the sample's pictures", () => Draw("data", Few));
        Assert.Equal(before, Contents("data"));
    }

    [Fact]
    public void After_an_interruption_it_does_not_pass_for_whole_and_can_be_drawn_anew()
    {
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => DrawnSample.Write(At("data"), Few, new Stopper(cancel), cancel.Token));
        Assert.Throws<DeviseInputException>(() => ImageDataset.Open(At("data")));
        Draw("data", Few);
        Assert.Equal(216, ImageDataset.Open(At("data")).Items.Count);
    }

    private string At(string path) => _folder[path];

    private DrawnSampleResult Draw(string folder, DrawnSampleOptions options) => DrawnSample.Write(At(folder), options, cancel: Cancel);

    private SortedDictionary<string, ulong> Contents(string folder) => new(
        Directory.EnumerateFiles(At(folder), "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(At(folder), path), path => XxHash3.HashToUInt64(File.ReadAllBytes(path))),
        StringComparer.Ordinal);

    private static void Refused(string message, Action action) =>
        Assert.Contains(message, Assert.Throws<DeviseInputException>(action).Message, StringComparison.Ordinal);

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<(string, string)> Pairs(string[] left, string[] right) =>
        from a in left from b in right where a != b select (a, b);

    private static double Cosines(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));

    private static float[] Phrase(float[] a, float[] b)
    {
        var (lengthA, lengthB) = (Math.Sqrt(a.Sum(x => (double)x * x)), Math.Sqrt(b.Sum(x => (double)x * x)));
        return [.. a.Zip(b, (x, y) => (float)(x / lengthA + y / lengthB))];
    }

    /// <summary>Counts the pixels that anyone would call by one of the eight colours, judged by HSV and not by how they were drawn.</summary>
    private static Dictionary<string, int> Named(SKBitmap bitmap, Func<int, int, bool> take) =>
        (from y in Enumerable.Range(0, bitmap.Height) from x in Enumerable.Range(0, bitmap.Width) where take(x, y) select NameOf(bitmap.GetPixel(x, y)))
        .Where(name => name.Length > 0).CountBy(name => name).ToDictionary();

    private static string NameOf(SKColor pixel)
    {
        pixel.ToHsv(out var hue, out var saturation, out var value);
        return (hue, saturation, value) switch
        {
            (_, < 20, > 68) => "white",
            (_, < 32, _) => "",
            ( > 310 and < 348, < 70, > 60) => "pink",
            ( > 340 or < 14, > 60, _) => "red",
            ( >= 14 and < 42, > 55, > 50) => "orange",
            ( >= 42 and < 72, > 55, > 50) => "yellow",
            ( > 90 and < 160, > 45, _) => "green",
            ( > 195 and < 245, > 50, _) => "blue",
            ( > 250 and < 310, > 45, _) => "purple",
            _ => "",
        };
    }

    private sealed class Counter : IProgress<int>
    {
        private readonly Lock _gate = new();

        public int Most { get; private set; }

        public void Report(int value)
        {
            lock (_gate) Most = Math.Max(Most, value);
        }
    }

    private sealed class Stopper(CancellationTokenSource cancel) : IProgress<int>
    {
        public void Report(int value) => cancel.Cancel();
    }
}
