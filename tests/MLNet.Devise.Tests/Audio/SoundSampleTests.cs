using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Audio;
using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Labels;
using SkiaSharp;

namespace MLNet.Devise.Tests.Audio;

public sealed class SoundSampleTests : IDisposable
{
    private static readonly SoundSampleOptions Few = new() { Seed = 3, SoundsPerClass = 2, Spectrogram = new() { Size = 32 } };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Opens_as_a_data_set_whose_labels_have_vectors()
    {
        var sample = SoundSample.Write(_folder["data"], Few);
        var data = ImageDataset.Open(_folder["data"]);
        Assert.Empty(data.Warnings);
        Assert.Equal((25, 5, 60), (data.Seen.Count, data.Unseen.Count, data.Items.Count));
        Assert.Equal(sample.Unseen, data.Unseen);
        var labels = LabelSpace.FromVec([.. data.Seen, .. data.Unseen], sample.VectorsPath);
        Assert.Equal(300, labels.Dimension);
        Assert.Equal(60, Directory.GetFiles(_folder["data", "sounds"], "*.wav", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_over_an_older_sample_and_another_other_sounds()
    {
        SoundSample.Write(_folder["one"], Few);
        SoundSample.Write(_folder["two"], Few with { Seed = 4 });
        string[] names = [.. Directory.GetFiles(_folder["one"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder["one"], path))];
        bool Same(string name) => File.ReadAllBytes(_folder["one", name]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["two", name]));
        Assert.DoesNotContain(names, name => name.EndsWith(".wav", StringComparison.Ordinal) && Same(name));
        SoundSample.Write(_folder["two"], Few);
        Assert.All(names, name => Assert.True(Same(name), name));
        File.WriteAllText(_folder["two", "sounds", "slow+bell", "mine.wav"], "");
        Assert.Contains("mine.wav: not one of the sample's files", Assert.Throws<DeviseInputException>(() => SoundSample.Write(_folder["two"], Few)).Message, StringComparison.Ordinal);
        _folder.Write("other/thing.txt", "");
        Assert.Contains("holds something other than a sound sample", Assert.Throws<DeviseInputException>(() => SoundSample.Write(_folder["other"], Few)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_words_of_an_unseen_class_are_heard_in_others()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var unseen = SoundClasses.HeldOut(new() { Seed = seed, HeldOut = 10 });
            Assert.Equal(10, unseen.Distinct().Count());
            Assert.All(unseen.CountBy(label => $"{label.Motion}").Concat(unseen.CountBy(label => $"{label.Timbre}")), word => Assert.InRange(word.Value, 1, 2));
        }
    }

    [Fact]
    public void The_transformer_draws_the_pictures_that_training_reads_and_records_bad_files()
    {
        SoundSample.Write(_folder["data"], Few);
        _folder.Write("data/sounds/bad.wav", "no sound");
        string[] paths = ["rising+tone/rising+tone_10001.wav", "slow+clicks/slow+clicks_10002.wav", "bad.wav", "../vectors.vec", "none.wav"];
        var context = new MLContext();
        var rows = context.Data.LoadFromEnumerable(paths.Select(path => new Row { Path = path }));
        var view = context.Transforms.SpectrogramImages(new() { Folder = _folder["data", "sounds"], Spectrogram = Few.Spectrogram }).Fit(rows).Transform(rows);
        Assert.Equal(["ok", "ok", "unsupported", "missing", "missing"], view.GetColumn<string>("SoundStatus"));
        Assert.All(view.GetColumn<string>("SoundError").Skip(2), error => Assert.NotEmpty(error));
        // An image is the cursor's until it moves on: the pixels are copied in time.
        var images = view.GetColumn<MLImage>("Photo").Select(image => image?.Pixels.ToArray()).ToArray();
        for (var i = 0; i < 2; i++)
        {
            using var png = SKBitmap.Decode(_folder["data", "JPEGImages", Path.ChangeExtension(paths[i], ".png")]);
            Assert.Equal(png.Pixels.Select(pixel => pixel.Red), images[i]!.Where((_, at) => at % 4 == 0));
        }
        Assert.All(images.Skip(2), Assert.Null);
        var saving = Assert.Throws<NotSupportedException>(() => context.Model.Save(context.Transforms.SpectrogramImages().Fit(rows), rows.Schema, _folder["model.zip"]));
        Assert.Contains("cannot be saved", saving.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rising_sound_rises_and_a_slow_one_has_pauses()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var rising = Picture(SoundMotion.Rising, SoundTimbre.Tone, seed);
            var pitch = Enumerable.Range(0, 64).Select(x => Enumerable.Range(0, 64).MaxBy(y => rising[y * 64 + x])).ToArray();
            Assert.True(pitch[22] - pitch[42] >= 4, $"seed {seed}");
            Assert.InRange(Beats(SoundMotion.Slow, seed), 2, 5);
            Assert.InRange(Beats(SoundMotion.Fast, seed), 6, 14);
        }

        static byte[] Picture(SoundMotion motion, SoundTimbre timbre, int seed) =>
            new Spectrogram(new(), SoundMaker.Rate).Of(SoundMaker.Make(new(motion, timbre), new Random(seed)).Samples);

        // Times that sound sets in after a pause; two limits, for its edges are brighter than its middle.
        static int Beats(SoundMotion motion, int seed)
        {
            var picture = Picture(motion, SoundTimbre.Buzz, seed);
            var loud = Enumerable.Range(0, 64).Select(x => Enumerable.Range(0, 64).Average(y => picture[y * 64 + x])).ToArray();
            var (low, range, beats, paused) = (loud.Min(), loud.Max() - loud.Min(), 0, true);
            foreach (var column in loud)
            {
                if (paused && column > low + 0.65 * range) (beats, paused) = (beats + 1, false);
                else if (column < low + 0.35 * range) paused = true;
            }
            return beats;
        }
    }

    private sealed class Row { public string Path { get; set; } = ""; }
}
