using MLNet.Devise.Audio;

namespace MLNet.Devise.Tests.Audio;

/// <summary>The spectrogram by its definition: a direct Fourier sum for every frequency, triangles for every band, all in double.</summary>
internal static class NaiveSpectrogram
{
    public static double[] Power(ReadOnlySpan<float> real)
    {
        var power = new double[real.Length / 2 + 1];
        for (var k = 0; k < power.Length; k++)
        {
            var (re, im) = (0.0, 0.0);
            for (var i = 0; i < real.Length; i++)
            {
                var angle = -2 * Math.PI * k * i / real.Length;
                (re, im) = (re + real[i] * Math.Cos(angle), im + real[i] * Math.Sin(angle));
            }
            power[k] = re * re + im * im;
        }
        return power;
    }

    /// <summary>Brightness before rounding, highest band first.</summary>
    public static double[] Of(Sound sound, SpectrogramOptions o)
    {
        var window = (int)Math.Round(o.WindowMilliseconds / 1000 * sound.Rate);
        var length = 2;
        while (length < 2 * window) length *= 2;
        var norm = Enumerable.Range(0, window).Sum(i => Math.Pow(Hann(i), 2));
        var power = new double[o.Size * o.Size];
        for (var x = 0; x < o.Size; x++)
        {
            var start = (int)Math.Round((o.Seconds * sound.Rate - window) * x / (o.Size - 1));
            var frame = new float[length];
            for (var i = 0; i < window && start + i < sound.Samples.Length; i++) frame[i] = (float)(sound.Samples[start + i] * Hann(i) / Math.Sqrt(norm));
            var bins = Power(frame);
            for (var y = 0; y < o.Size; y++)
            {
                var (from, peak, to) = (Edge(y), Edge(y + 1), Edge(y + 2));
                var (sum, weights) = (0.0, 0.0);
                for (var k = 0; k < bins.Length; k++)
                {
                    var hertz = (double)k * sound.Rate / length;
                    var weight = Math.Max(0, Math.Min((hertz - from) / (peak - from), (to - hertz) / (to - peak)));
                    (sum, weights) = (sum + weight * bins[k], weights + weight);
                }
                power[(o.Size - 1 - y) * o.Size + x] = weights > 0 ? sum / weights : 0;
            }
        }
        return [.. power.Select(p => 255 * Math.Clamp(1 + 10 * Math.Log10(Math.Max(p, 1e-12) / power.Max()) / o.Decibels, 0, 1))];

        double Hann(int i) => 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / window);
        double Edge(int i) => MelBands.Hertz(MelBands.Mel(o.LowestHertz) + (MelBands.Mel(o.HighestHertz) - MelBands.Mel(o.LowestHertz)) * i / (o.Size + 1));
    }
}
