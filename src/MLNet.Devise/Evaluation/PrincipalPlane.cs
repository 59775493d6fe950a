using System.Numerics.Tensors;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Evaluation;

/// <summary>The plane on which vectors differ most (principal component analysis, Pearson 1901), and where a vector falls on it.</summary>
internal sealed class PrincipalPlane
{
    private readonly float[] _mean, _first, _second;

    private PrincipalPlane(float[] mean, float[] first, float[] second, (double, double) shares) => (_mean, _first, _second, Shares) = (mean, first, second, shares);

    /// <summary>Share of the variance that each of the two axes has, 0..1.</summary>
    public (double First, double Second) Shares { get; }

    /// <summary>Fits the plane; the same rows give the same plane, whose axes point to where their largest element is positive.</summary>
    /// <param name="rows">At least one vector, all of the same length, at least 2.</param>
    public static PrincipalPlane Fit(IReadOnlyList<float[]> rows)
    {
        var size = rows[0].Length;
        var mean = new float[size];
        foreach (var row in rows) TensorPrimitives.Add(mean, row, mean);
        TensorPrimitives.Divide(mean, (float)rows.Count, mean);
        var (values, vectors) = SymmetricEigen.Solve(Covariance(rows, mean), size);
        var total = Math.Max(values.Sum(), double.Epsilon);
        return new(mean, Axis(vectors.AsSpan(0, size)), Axis(vectors.AsSpan(size, size)), (values[0] / total, values[1] / total));
    }

    /// <summary>Where a vector falls.</summary>
    public (float X, float Y) Of(ReadOnlySpan<float> vector)
    {
        var centred = new float[vector.Length];
        TensorPrimitives.Subtract(vector, _mean, centred);
        return (TensorPrimitives.Dot<float>(centred, _first), TensorPrimitives.Dot<float>(centred, _second));
    }

    private static double[] Covariance(IReadOnlyList<float[]> rows, float[] mean)
    {
        var size = mean.Length;
        // Columns side by side, so that a covariance is a product of two rows.
        var columns = new float[size][];
        for (var i = 0; i < size; i++) columns[i] = [.. rows.Select(row => row[i] - mean[i])];
        var covariance = new double[size * size];
        Parallel.For(0, size, i =>
        {
            for (var j = 0; j <= i; j++) covariance[i * size + j] = covariance[j * size + i] = TensorPrimitives.Dot<float>(columns[i], columns[j]) / rows.Count;
        });
        return covariance;
    }

    private static float[] Axis(ReadOnlySpan<double> vector)
    {
        var largest = vector[TensorPrimitives.IndexOfMaxMagnitude(vector)];
        var axis = new float[vector.Length];
        for (var i = 0; i < axis.Length; i++) axis[i] = (float)(largest < 0 ? -vector[i] : vector[i]);
        return axis;
    }
}
