using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Learning;
using SkiaSharp;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class ImageFeedTests : IDisposable
{
    private static readonly TrainingOptions Options = new() { ImageSize = 32, BatchSize = 8, Seed = 3 };

    private readonly TemporaryFolder _folder = new();
    private readonly ImageDataset _data;

    public ImageFeedTests() => _data = ImageDataset.Open(DrawnSample.Write(_folder["data"], new() { ImagesPerClass = 3, Size = 48 }, cancel: TestContext.Current.CancellationToken).Folder);

    [Fact]
    public void A_batch_is_the_naive_loop_whether_cached_or_not()
    {
        var expected = Naive(0);
        foreach (var (folder, bytes) in ((string?, long)[])[(null, 0), (_folder["cache"], 0), (_folder["cache"], 0), (_folder["small"], 200_000), (_folder["none"], 1)])
        {
            using var feed = new ImageFeed(_data, Options, folder, bytes);
            for (var pass = 0; pass < 2; pass++) Assert.Equal(expected, Bytes(feed.Train(0)));
            Assert.Empty(feed.Warnings);
        }
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(16)]
    public void Threads_do_not_matter(int threads)
    {
        ThreadPool.GetMinThreads(out var min, out var io);
        ThreadPool.GetMaxThreads(out var max, out var maxIo);
        try
        {
            ThreadPool.SetMinThreads(Math.Min(threads, min), io);
            Assert.True(ThreadPool.SetMaxThreads(threads, maxIo));
            using var feed = new ImageFeed(_data, Options, _folder[$"cache{threads}"]);
            for (var epoch = 0; epoch < 2; epoch++) Assert.Equal(Naive(epoch), Bytes(feed.Train(epoch)));
        }
        finally
        {
            ThreadPool.SetMaxThreads(max, maxIo);
            ThreadPool.SetMinThreads(min, io);
        }
    }

    [Fact]
    public void Plain_images_are_what_scoring_sees()
    {
        using var feed = new ImageFeed(_data, Options, _folder["cache"]);
        var items = _data.Items.Take(20).ToArray();
        for (var pass = 0; pass < 2; pass++)
        {
            Assert.Equal(items.SelectMany(item => Rgb(Scoring(item, 32))), Bytes(feed.Plain(items)));
        }
    }

    [Fact]
    public void Skipped_steps_leave_the_later_ones_as_they_are()
    {
        foreach (var options in (TrainingOptions[])[Options, Options with { Balance = ClassBalance.Sampling }])
        {
            using var feed = new ImageFeed(_data, options);
            Assert.Equal(Bytes(feed.Train(1).Skip(3)), Bytes(feed.Train(1, skip: 3)));
        }
    }

    [Fact]
    public void A_batch_given_back_serves_again_and_its_successor_is_right()
    {
        using var feed = new ImageFeed(_data, Options);
        var seen = new List<byte>();
        var arrays = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        foreach (var batch in feed.Train(0))
        {
            seen.AddRange(batch.Pixels);
            arrays.Add(batch.Pixels);
            batch.Dispose();
            batch.Dispose();
        }
        Assert.Equal(Naive(0), seen);
        Assert.True(arrays.Count < feed.StepsPerEpoch);
    }

    [Fact]
    public void A_changed_photo_is_decoded_anew_and_a_lost_one_is_missing_although_cached()
    {
        var items = _data.Items.Take(2).ToArray();
        using (var feed = new ImageFeed(_data, Options, _folder["cache"])) Bytes(feed.Plain(items));
        File.Copy(_data.FullPath(_data.Items[^1]), _data.FullPath(items[0]), overwrite: true);
        File.SetLastWriteTimeUtc(_data.FullPath(items[0]), DateTime.UtcNow.AddSeconds(5));
        File.Delete(_data.FullPath(items[1]));
        using var later = new ImageFeed(_data, Options, _folder["cache"]);
        Assert.Equal(Rgb(Scoring(_data.Items[^1], 32)), Bytes(later.Plain(items)));
        Assert.StartsWith("missing: ", later.Bad[items[1].Path], StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_photo_behind_a_link_is_noticed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "links need rights on this system");
        var item = _data.Items[0];
        var path = _data.FullPath(item);
        File.Move(path, _folder["real.png"]);
        File.CreateSymbolicLink(path, _folder["real.png"]);
        using (var feed = new ImageFeed(_data, Options, _folder["cache"])) Bytes(feed.Plain([item]));
        File.Copy(_data.FullPath(_data.Items[^1]), _folder["real.png"], overwrite: true);
        File.SetLastWriteTimeUtc(_folder["real.png"], DateTime.UtcNow.AddSeconds(5));
        using var later = new ImageFeed(_data, Options, _folder["cache"]);
        Assert.Equal(Rgb(Scoring(_data.Items[^1], 32)), Bytes(later.Plain([item])));
    }

    [Fact]
    public void A_link_to_itself_is_left_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "links need rights on this system");
        var items = _data.Items.Take(2).ToArray();
        var path = _data.FullPath(items[0]);
        File.Delete(path);
        File.CreateSymbolicLink(path, path);
        using var feed = new ImageFeed(_data, Options, _folder["cache"]);
        Assert.Equal([items[1]], Assert.Single(feed.Plain(items)).Items);
        Assert.StartsWith("missing: ", feed.Bad[items[0].Path], StringComparison.Ordinal);
    }

    [Fact]
    public void The_room_on_a_disk_is_known_before_the_folder_is_made() =>
        Assert.InRange(ImageFeed.FreeBytes(_folder["not", "there"]) ?? 0, 1, new DriveInfo(_folder.Path).TotalSize);

    [Fact]
    public void A_folder_that_cannot_be_used_is_told_once_and_training_goes_on()
    {
        _folder.Write("file", "x");
        using var feed = new ImageFeed(_data, Options, _folder["file"]);
        Assert.Equal(Naive(0), Bytes(feed.Train(0)));
        Assert.Contains("cannot be kept there", Assert.Single(feed.Warnings), StringComparison.Ordinal);
        Assert.StartsWith("cache: -1 bytes", Assert.Throws<DeviseInputException>(() => new ImageFeed(_data, Options, _folder["cache"], -1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_feeds_on_one_folder_give_the_same()
    {
        using var first = new ImageFeed(_data, Options, _folder["cache"]);
        using var second = new ImageFeed(_data, Options, _folder["cache"]);
        var both = new[] { first, second }.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(feed => Bytes(feed.Train(0))).ToArray();
        Assert.Equal(Naive(0), both[0]);
        Assert.Equal(both[0], both[1]);
        Assert.Empty(first.Warnings);
        Assert.Contains("another run", Assert.Single(second.Warnings), StringComparison.Ordinal);
        Assert.Equal(both[0], Bytes(second.Train(0)));
    }

    [Fact]
    public void An_image_that_comes_twice_in_an_epoch_does_not_look_the_same()
    {
        using var feed = new ImageFeed(_data, Options);
        var item = _data.Of(Split.Train).First();
        var batch = Assert.Single(feed.Varied([[item, item, item]], 0));
        var length = batch.Pixels.Length / 3;
        Assert.Equal(3, batch.Pixels.Chunk(length).Select(pixels => Convert.ToHexString(pixels)).Distinct().Count());
        Assert.Equal(batch.Pixels[..length], Bytes(feed.Varied([[item]], 0)));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Bytes(IEnumerable<ImageBatch> batches) => [.. batches.SelectMany(batch => batch.Pixels)];

    /// <summary>No cache, no threads, no pools.</summary>
    private byte[] Naive(int epoch)
    {
        using var feed = new ImageFeed(_data, Options);
        var side = (int)Math.Round(32 / 0.875);
        return [.. feed.Steps(epoch).SelectMany(step => step).SelectMany(item =>
        {
            using var square = Scoring(item, side);
            var target = new SKBitmap(new SKImageInfo(32, 32, SKColorType.Bgra8888, SKAlphaType.Opaque));
            Augmentation.Draw(Options.Augment, new Random(StableHash.Seed(Options.Seed, $"augment {epoch} {item.Path}")), side, 32).Paint(square, target);
            return Rgb(target);
        })];
    }

    private SKBitmap Scoring(ImageItem item, int side)
    {
        using var photo = Photo.TryDecode(_data.FullPath(item), out _, out _)!;
        return ImageScaling.Stock.Square(photo, side);
    }

    private static byte[] Rgb(SKBitmap bitmap)
    {
        using (bitmap) return [.. bitmap.Pixels.SelectMany(pixel => new[] { pixel.Red, pixel.Green, pixel.Blue })];
    }
}
