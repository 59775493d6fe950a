using MLNet.Devise.Audio;
using MLNet.Devise.Data.Sample;

namespace MLNet.Devise.Tests.Audio;

public sealed class SpectrogramTests
{
    private static readonly SpectrogramOptions Small = new() { Size = 32, Seconds = 0.25, HighestHertz = 3600, WindowMilliseconds = 20 };

    [Theory]
    [InlineData(2), InlineData(8), InlineData(256)]
    public void The_transform_is_the_direct_sum(int length)
    {
        var random = new Random(length);
        float[] real = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
        var power = new float[length / 2 + 1];
        new Fft(length).Power(real, power);
        var naive = NaiveSpectrogram.Power(real);
        for (var k = 0; k < power.Length; k++) Assert.Equal(naive[k], power[k], 1e-4 * (1 + naive.Max()));
    }

    [Fact]
    public void Every_point_is_as_the_definition_has_it()
    {
        var whole = SoundMaker.Make(new(SoundMotion.Rising, SoundTimbre.Buzz), new Random(1));
        // Every second sample: a lower rate, whose transforms are short enough for the direct sum.
        var sound = new Sound(8000, [.. whole.Samples.Skip(6000).Take(3000).Where((_, i) => i % 2 == 0)]);
        var (fast, naive) = (new Spectrogram(Small, sound.Rate).Of(sound.Samples), NaiveSpectrogram.Of(sound, Small));
        Assert.InRange(fast.Count(value => value > 0), 200, fast.Length);
        for (var i = 0; i < fast.Length; i++) Assert.InRange(fast[i] - naive[i], -0.6, 0.6);
    }

    [Fact]
    public void A_tone_lies_in_its_band_at_any_rate()
    {
        var expected = Enumerable.Range(0, 32).MinBy(y => Math.Abs(MelBands.Mel(1000) - (MelBands.Mel(60) + (MelBands.Mel(3600) - MelBands.Mel(60)) * (y + 1) / 33)));
        foreach (var rate in new[] { 8000, 16_000, 44_100, 48_000 })
        {
            var grey = new Spectrogram(Small, rate).Of([.. Enumerable.Range(0, rate / 4).Select(i => 0.5f * MathF.Sin(MathF.Tau * 1000 * i / rate))]);
            Assert.Equal(31 - expected, Enumerable.Range(0, 32).MaxBy(y => grey[y * 32 + 16]));
        }
    }

    [Fact]
    public void Silence_is_black_and_loudness_does_not_matter()
    {
        Assert.All(new Spectrogram(Small, 8000).Of(new float[2000]), value => Assert.Equal(0, value));
        Assert.All(new Spectrogram(Small, 8000).Of([]), value => Assert.Equal(0, value));
        var sound = SoundMaker.Make(new(SoundMotion.Level, SoundTimbre.Bell), new Random(2)).Samples;
        var (loud, low) = (new Spectrogram(Small, 16_000).Of(sound), new Spectrogram(Small, 16_000).Of([.. sound.Select(value => value / 8)]));
        for (var i = 0; i < loud.Length; i++) Assert.InRange(loud[i] - low[i], -1, 1);
    }

    [Theory]
    [InlineData(0, 60, "size: 0, expected 32 to 512"), InlineData(64, 5000, "lowestHertz: 5000, expected 1 to 3800"), InlineData(64, double.NaN, "lowestHertz: NaN")]
    public void Options_out_of_range_are_refused(int size, double lowest, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<DeviseInputException>(() => new SpectrogramOptions { Size = size, LowestHertz = lowest }.Validate()).Message, StringComparison.Ordinal);
}
