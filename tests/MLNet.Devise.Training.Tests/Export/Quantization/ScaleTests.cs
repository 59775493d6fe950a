using MLNet.Devise.Training.Export.Quantization;

namespace MLNet.Devise.Training.Tests.Export.Quantization;

public sealed class ScaleTests
{
    [Theory]
    [InlineData(0, 1), InlineData(-1, 3), InlineData(2, 5), InlineData(-7, -2), InlineData(0, 0), InlineData(-1e-30, 1e6)]
    public void A_scale_spans_its_range_and_keeps_zero(double least, double most)
    {
        var scale = ByteScale.Of(least, most);
        Assert.Equal(0, Through(scale, 0));
        for (var i = 0; i <= 100; i++)
        {
            var value = (float)(least + (most - least) * i / 100);
            Assert.InRange(Math.Abs(Through(scale, value) - value), 0, scale.Scale * 1.01);
        }
    }

    [Fact]
    public void Pixels_come_back_as_they_were()
    {
        for (var pixel = 0; pixel < 256; pixel++) Assert.Equal(pixel / 255f, Through(ByteScale.Pixels, pixel / 255f), 1e-7f);
    }

    [Fact]
    public void A_histogram_counts_what_plain_loops_count_whatever_comes_first()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 5000).Select(i => (random.NextSingle() - 0.3f) * MathF.Pow(10, i / 1000 - 2))];
        var histogram = new ValueHistogram();
        foreach (var chunk in values.Chunk(700)) histogram.Add(chunk);
        histogram.Add(new float[40]);
        Assert.Equal((values.Min(), values.Max()), ((float)histogram.Min, (float)histogram.Max));
        var expected = values.Where(value => value != 0).GroupBy(value => (Math.Floor(value / histogram.Width) + 0.5) * histogram.Width).ToDictionary(group => group.Key, group => group.LongCount());
        Assert.Equal(expected.OrderBy(pair => pair.Key), histogram.Counts.Select(bin => KeyValuePair.Create(bin.Centre, bin.Count)));
        Assert.InRange(Math.Max(histogram.Max, -histogram.Min) / histogram.Width, ValueHistogram.Bins / 4, ValueHistogram.Bins / 2);
        Assert.Throws<InvalidOperationException>(() => histogram.Add([1, float.NaN]));
        Assert.Throws<InvalidOperationException>(() => histogram.Add([float.PositiveInfinity]));
    }

    /// <summary>A normal distribution and one value far away: it is cut off, and no other of the ranges tried has less error on the values themselves.</summary>
    [Theory]
    [InlineData(true), InlineData(false)]
    public void The_least_error_is_what_trying_on_every_value_finds(bool both)
    {
        var random = new Random(4);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        float[] values = [6, .. Enumerable.Range(0, 400_000).Select(_ => both ? Normal() : Math.Max(Normal(), 0))];
        var histogram = new ValueHistogram();
        histogram.Add(values);
        var (best, whole) = (ByteScale.LeastError(histogram), ByteScale.Of(values.Min(), values.Max()));
        Assert.True(best.Scale < 0.9f * whole.Scale, $"{best} {whole}");
        if (!both) Assert.Equal(0, best.Zero);
        var tried = Enumerable.Range(0, 10).Select(i => Error(values, ByteScale.Of(-(best.Zero * best.Scale), values.Max() * (1 - i * 0.06)))).Min();
        Assert.InRange(Error(values, best), 0, tried * 1.02);
        Assert.True(Error(values, best) < 0.9 * Error(values, whole));
    }

    [Fact]
    public void Values_without_rare_large_ones_keep_their_whole_range()
    {
        var histogram = new ValueHistogram();
        histogram.Add([.. Enumerable.Range(0, 10_000).Select(i => i / 10_000f)]);
        Assert.Equal(1 / 255f, ByteScale.LeastError(histogram).Scale, 1e-4f);
        Assert.Equal(0, ByteScale.LeastError(new ValueHistogram()).Zero);
    }

    private static double Error(float[] values, ByteScale scale) => values.Sum(value =>
    {
        var off = (double)(Through(scale, value) - value);
        return off * off;
    });

    /// <summary>QuantizeLinear and DequantizeLinear of one value, as ONNX defines them.</summary>
    internal static float Through(ByteScale scale, float value) => ((float)Math.Clamp(Math.Round(value / scale.Scale, MidpointRounding.ToEven) + scale.Zero, 0, 255) - scale.Zero) * scale.Scale;
}
