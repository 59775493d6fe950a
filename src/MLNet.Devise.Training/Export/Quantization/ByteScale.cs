namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>How floats become bytes: value ≈ (byte − zero) · scale. Zero itself is always exact, since padding and ReLU make so much of it.</summary>
/// <param name="Scale">Value of a step.</param>
/// <param name="Zero">The byte that means 0.</param>
internal readonly record struct ByteScale(float Scale, byte Zero)
{
    /// <summary>Pixels: bytes divided by 255, given back exactly.</summary>
    public static ByteScale Pixels { get; } = Of(0, 1);

    /// <summary>The scale whose 256 steps span a range; 0 is taken into it.</summary>
    public static ByteScale Of(double least, double most)
    {
        (least, most) = (Math.Min(least, 0), Math.Max(most, 0));
        var scale = (float)Math.Max((most - least) / 255, 1e-12);
        return new(scale, (byte)Math.Clamp(Math.Round(-least / scale), 0, 255));
    }

    /// <summary>
    /// The range with the least mean squared error: cutting rare large values off costs them, but makes the steps of all others finer. Each
    /// end is tried at 100 %, 98 % … 20 % of its extreme, in turn, twice.
    /// </summary>
    public static ByteScale LeastError(ValueHistogram values)
    {
        var counts = values.Counts.ToArray();
        var (least, most) = (values.Min, values.Max);
        for (var turn = 0; turn < 2; turn++)
        {
            most = Shares.Select(share => values.Max * share).MinBy(end => SquaredError(counts, least, end));
            least = Shares.Select(share => values.Min * share).MinBy(end => SquaredError(counts, end, most));
        }
        return Of(least, most);
    }

    private static IEnumerable<double> Shares => Enumerable.Range(0, 41).Select(i => 1 - i * 0.02);

    private static double SquaredError((double Centre, long Count)[] counts, double least, double most)
    {
        var step = (most - least) / 255;
        var (rounding, sum) = (step * step / 12, 0.0);
        foreach (var (centre, count) in counts)
        {
            var beyond = centre < least ? least - centre : centre > most ? centre - most : 0;
            sum += count * (beyond > 0 ? beyond * beyond : rounding);
        }
        return sum;
    }
}
