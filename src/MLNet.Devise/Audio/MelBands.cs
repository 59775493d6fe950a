using System.Numerics.Tensors;

namespace MLNet.Devise.Audio;

/// <summary>
/// Triangular bands, evenly spaced on the mel scale, mel = 2595 log10(1 + f / 700) (O'Shaughnessy 1987), each the weighted mean of the
/// frequencies in it.
/// </summary>
internal sealed class MelBands
{
    private readonly (int First, float[] Weights)[] _bands;

    /// <param name="options">Number of bands and their ends.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="length">Length of the transform whose frequencies are summed up.</param>
    public MelBands(SpectrogramOptions options, int rate, int length)
    {
        var (low, high) = (Mel(options.LowestHertz), Mel(options.HighestHertz));
        double Edge(int i) => Hertz(low + (high - low) * i / (options.Size + 1));
        _bands = [.. Enumerable.Range(0, options.Size).Select(i => Band(Edge(i), Edge(i + 1), Edge(i + 2), (double)rate / length, length / 2))];
    }

    /// <summary>One value a band, lowest first; zero for a band above half the sampling rate.</summary>
    public void Sum(ReadOnlySpan<float> power, Span<float> bands)
    {
        for (var i = 0; i < _bands.Length; i++)
        {
            var (first, weights) = _bands[i];
            bands[i] = TensorPrimitives.Dot(power.Slice(first, weights.Length), weights);
        }
    }

    internal static double Mel(double hertz) => 2595 * Math.Log10(1 + hertz / 700);

    internal static double Hertz(double mel) => 700 * (Math.Pow(10, mel / 2595) - 1);

    private static (int, float[]) Band(double from, double peak, double to, double step, int most)
    {
        var first = (int)Math.Ceiling(from / step);
        var last = Math.Min((int)Math.Floor(to / step), most);
        if (first > most) return (0, []);
        // Narrower than the distance of two frequencies: the nearest one stands for it.
        if (last < first) return (Math.Min((int)Math.Round(peak / step), most), [1]);
        var weights = Enumerable.Range(first, last - first + 1).Select(k => k * step).Select(f => (float)Math.Max(0, f <= peak ? (f - from) / (peak - from) : (to - f) / (to - peak))).ToArray();
        var sum = TensorPrimitives.Sum<float>(weights);
        if (sum <= 0) return (Math.Min((int)Math.Round(peak / step), most), [1]);
        TensorPrimitives.Divide(weights, sum, weights);
        return (first, weights);
    }
}
