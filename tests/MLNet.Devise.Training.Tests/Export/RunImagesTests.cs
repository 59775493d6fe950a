using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Export;

namespace MLNet.Devise.Training.Tests.Export;

public sealed class RunImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Calibration_images_are_spread_over_the_classes_trained_on_and_others_than_those_held_out()
    {
        var sample = DrawnSample.Write(_folder["data"], new() { ImagesPerClass = 10, Size = 32 }, cancel: TestContext.Current.CancellationToken);
        var seen = ImageDataset.Open(sample.Folder).Seen.Take(6).ToArray();
        var run = Run(sample.Folder, seen);
        using var images = RunImages.Open(run);
        var (chosen, held) = (images.Training(12), images.HeldOut(1000));
        Assert.Equal(seen.Order(), chosen.Select(item => item.Label).Distinct().Order());
        Assert.All(chosen.GroupBy(item => item.Label), items => Assert.Equal(2, items.Count()));
        Assert.NotEmpty(held);
        Assert.Empty(images.Training(1000).Select(item => item.Path).Intersect(held.Select(item => item.Path)));
        Assert.Empty(held.Select(item => item.Label).Except(seen));
        using var again = RunImages.Open(run);
        using var other = RunImages.Open(run with { Options = run.Options with { Seed = 9 } });
        Assert.Equal(chosen, again.Training(12));
        Assert.NotEqual(chosen, other.Training(12));
    }

    [Fact]
    public void Images_held_out_are_those_of_the_split_that_the_run_was_trained_on()
    {
        var sample = DrawnSample.Write(_folder["data"], new() { ImagesPerClass = 10, Size = 32 }, cancel: TestContext.Current.CancellationToken);
        var data = ImageDataset.Open(sample.Folder, new() { Seed = 5, ValidFraction = 0.4 });
        using var images = RunImages.Open(Run(sample.Folder, data.Seen) with { DataOptions = data.Options });
        Assert.Equal(data.Of(Split.Valid).Select(item => item.Path).Order(), images.HeldOut(1000).Select(item => item.Path).Order());
    }

    [Fact]
    public void Pixels_are_planes_in_0_to_1_and_bad_files_are_left_out()
    {
        var sample = DrawnSample.Write(_folder["data"], new() { ImagesPerClass = 3, Size = 32 }, cancel: TestContext.Current.CancellationToken);
        using var images = RunImages.Open(Run(sample.Folder, sample.Classes));
        var items = images.Any(9);
        File.WriteAllText(Path.Combine(sample.Folder, items[3].Path), "no picture");
        PixelBatch[] batches = [.. images.Read(items)];
        Assert.Equal(items.Where((_, i) => i != 3).Select(item => item.Label), batches.SelectMany(batch => batch.Labels));
        Assert.All(batches, batch => Assert.Equal(batch.Count * 3 * 32 * 32, batch.Pixels.Length));
        using var picture = SkiaSharp.SKBitmap.Decode(Path.Combine(sample.Folder, items[0].Path));
        for (var y = 0; y < 32; y += 5)
            for (var x = 0; x < 32; x += 3)
                Assert.Equal(picture.GetPixel(x, y).Green / 255f, batches[0].Pixels[(32 + y) * 32 + x], 1e-6f);
    }

    public void Dispose() => _folder.Dispose();

    private static TrainingRun Run(string data, IReadOnlyList<string> seen) => new()
    {
        Options = new() { ImageSize = 32 },
        Data = data,
        Vectors = "v.vec",
        Seen = seen,
        Unseen = [],
        Images = new Dictionary<string, int>(),
        Stage2Parameters = 1,
        Seconds = 1,
    };
}
