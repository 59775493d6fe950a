using System.Numerics.Tensors;

namespace MLNet.Devise.Labels;

/// <summary>
/// What is done to word vectors before images are drawn towards them: unit length → minus the mean → a linear map → unit length again.
/// Fitted once, on the first words of the vector file, and kept with the run and the bundle, so that every word that comes later goes
/// the same way.
/// </summary>
public sealed class LabelTransform
{
    /// <summary>What is shorter than this after the map was the mean itself, but for rounding: it has no direction left.</summary>
    private const float Shortest = 1e-5f;

    private readonly float[] _mean;
    private readonly float[]? _map;

    /// <summary>Takes what was fitted; <paramref name="map"/> is row-major and null for the identity.</summary>
    internal LabelTransform(LabelTransformOptions options, int fittedWords, float[] mean, float[]? map) => (Options, FittedWords, _mean, _map) = (options, fittedWords, mean, map);

    /// <summary>What was asked for.</summary>
    public LabelTransformOptions Options { get; }

    /// <summary>Words that it was fitted on.</summary>
    public int FittedWords { get; }

    /// <summary>Values a vector.</summary>
    public int Dimension => _mean.Length;

    internal ReadOnlySpan<float> Mean => _mean;

    /// <summary>Row-major, dimension × dimension; empty for the identity.</summary>
    internal ReadOnlySpan<float> Map => _map;

    /// <summary>Fits the transform on the first words of a <c>.vec</c> file, which is streamed, or on labels.</summary>
    /// <param name="vecPath">The file.</param>
    /// <param name="options">Which transform, of how many words.</param>
    /// <param name="seen">The labels that are trained on; needed where <see cref="LabelTransformOptions.Words"/> is 0.</param>
    /// <remarks>
    /// <see cref="LabelTransformKind.AllButTheTop"/> takes mean and components as Mu and Viswanath 2018 (arXiv:1702.01417) do, here of unit
    /// vectors. <see cref="LabelTransformKind.Whiten"/> is symmetric, (covariance)^(−strength/2), which leaves a vector as near to itself as
    /// whitening can. Its covariance is first drawn towards a multiple of the identity, by oracle approximating shrinkage (Chen et al. 2010,
    /// arXiv:0907.4698): hardly at all where there are many more words than values; where there are fewer (50 words of 300 values), the
    /// directions in which these words do not vary thus get a small variance instead of none. Do not expect much of so few words.
    /// </remarks>
    /// <returns>Null for <see cref="LabelTransformKind.None"/>.</returns>
    /// <exception cref="DeviseInputException">An option is out of range, the file is not as expected, or its words are too few or too alike.</exception>
    public static LabelTransform? Fit(string vecPath, LabelTransformOptions options, LabelSpace? seen = null)
    {
        options.Validate();
        if (options.Kind == LabelTransformKind.None) return null;
        try { return Fit(options.Words > 0 ? WordMoments.Read(vecPath, options.Words) : WordMoments.Of(seen ?? throw new ArgumentException("labelTransform.words: 0, but there are no labels to fit it on")), options); }
        catch (ArgumentException e) { throw new DeviseInputException($"{vecPath}: {e.Message}", e); }
    }

    /// <exception cref="ArgumentException">Too few or too similar words.</exception>
    internal static LabelTransform Fit(WordMoments moments, LabelTransformOptions options)
    {
        if (moments.Count < 2) throw new ArgumentException($"labelTransform: {moments.Count} words with a direction, expected at least 2 to fit it on");
        float[] mean = [.. moments.Mean.Select(value => (float)value)];
        if (options.Kind == LabelTransformKind.Centre) return new(options, moments.Count, mean, null);
        var (variances, axes) = SymmetricEigen.Solve(moments.Covariance(), mean.Length);
        var directions = variances.Count(variance => variance > 1e-10 * Math.Max(variances[0], 1e-10));
        var scales = options.Kind == LabelTransformKind.Whiten ? Whitening(variances, directions, moments.Count, options.Strength) : WithoutTop(variances.Length, directions, options.Components);
        return new(options, moments.Count, mean, Compose(scales, axes));
    }

    /// <summary>Transforms one vector of any length.</summary>
    /// <param name="vector"><see cref="Dimension"/> values.</param>
    /// <param name="unit">Receives as many, of length 1; must not overlap <paramref name="vector"/>.</param>
    /// <returns>False where no direction is left: the vector is zero, or nothing but the words' mean.</returns>
    public bool TryApply(ReadOnlySpan<float> vector, Span<float> unit)
    {
        if (vector.Length != Dimension || unit.Length != Dimension) throw new ArgumentException($"{vector.Length} values into {unit.Length}, expected {Dimension} of each");
        if (!Phrases.TryNormalize(vector, unit)) return false;
        TensorPrimitives.Subtract(unit, _mean, unit);
        if (_map is not null)
        {
            var centred = unit.ToArray();
            for (var i = 0; i < unit.Length; i++) unit[i] = TensorPrimitives.Dot(_map.AsSpan(i * Dimension, Dimension), centred);
        }
        return TensorPrimitives.Norm<float>(unit) > Shortest && Phrases.TryNormalize(unit, unit);
    }

    private static double[] WithoutTop(int dimension, int directions, int components) => components < directions
        ? [.. Enumerable.Range(0, dimension).Select(i => i < components ? 0.0 : 1.0)]
        : throw new ArgumentException($"labelTransform.components: {components}, but its words vary in {directions} directions only, expected fewer components or a file of more words");

    /// <summary>Factors of the principal components, the largest 1: lengths do not matter, and so nothing comes near the limits of single precision.</summary>
    private static double[] Whitening(double[] variances, int directions, int words, double strength)
    {
        if (directions == 0) throw new ArgumentException("labelTransform: all its words have the same vector, expected different ones");
        var (shrinkage, mean) = (Shrinkage(variances, words), variances.Average());
        var factors = variances.Select(variance => Math.Pow((1 - shrinkage) * Math.Max(variance, 0) + shrinkage * mean, -strength / 2)).ToArray();
        var largest = factors.Max();
        return [.. factors.Select(factor => factor / largest)];
    }

    /// <summary>Oracle approximating shrinkage, Chen et al. 2010, eq. 23: how far to go from the sample's covariance to mean variance × identity, 0..1.</summary>
    internal static double Shrinkage(double[] variances, int words)
    {
        var (size, trace, square) = ((double)variances.Length, variances.Sum(), variances.Sum(variance => variance * variance));
        var below = (words + 1 - 2 / size) * (square - trace * trace / size);
        return below > 0 ? Math.Min(1, ((1 - 2 / size) * square + trace * trace) / below) : 1;
    }

    /// <summary>Σ over axes of scale · axis axisᵀ.</summary>
    private static float[] Compose(double[] scales, double[] axes)
    {
        var size = scales.Length;
        var map = new double[size * size];
        for (var k = 0; k < size; k++)
        {
            if (scales[k] == 0) continue;
            var axis = axes.AsSpan(k * size, size);
            for (var i = 0; i < size; i++)
            {
                var row = map.AsSpan(i * size, size);
                TensorPrimitives.MultiplyAdd(axis, scales[k] * axis[i], row, row);
            }
        }
        return [.. map.Select(value => (float)value)];
    }
}
