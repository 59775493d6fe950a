namespace MLNet.Devise.Training.Learning;

/// <summary>A rectangle within the unit square.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal readonly record struct RandomBox(double X, double Y, double Width, double Height)
{
    private const int Tries = 10;

    /// <summary>Draws area and shape until the rectangle fits, ten times at most; always the same count of numbers is drawn.</summary>
    /// <param name="random">Numbers.</param>
    /// <param name="smallest">Smallest area.</param>
    /// <param name="largest">Largest area.</param>
    /// <param name="aspect">Largest ratio of the sides, either way; evenly in its logarithm, so that lying and standing are as likely.</param>
    /// <returns>Null where no rectangle fitted.</returns>
    public static RandomBox? Draw(Random random, double smallest, double largest, double aspect)
    {
        RandomBox? found = null;
        for (var i = 0; i < Tries; i++)
        {
            var area = smallest + (largest - smallest) * random.NextDouble();
            var ratio = Math.Exp((2 * random.NextDouble() - 1) * Math.Log(aspect));
            var (width, height) = (Math.Sqrt(area * ratio), Math.Sqrt(area / ratio));
            if (width <= 1 && height <= 1) found ??= new(0, 0, width, height);
        }
        var (x, y) = (random.NextDouble(), random.NextDouble());
        return found is { } box ? box with { X = x * (1 - box.Width), Y = y * (1 - box.Height) } : null;
    }
}
