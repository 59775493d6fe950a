using System.Numerics.Tensors;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels;

/// <summary>Mean and covariance of unit word vectors, summed up one word at a time: a file of any size needs no memory but for these.</summary>
internal sealed class WordMoments(int dimension)
{
    private readonly double[] _sum = new double[dimension], _products = new double[dimension * dimension], _row = new double[dimension];
    private readonly float[] _unit = new float[dimension];

    /// <summary>Words counted.</summary>
    public int Count { get; private set; }

    /// <summary>Mean of the unit vectors.</summary>
    public double[] Mean => [.. _sum.Select(sum => sum / Count)];

    /// <summary>The first words of a file, those without direction left out.</summary>
    /// <exception cref="DeviseInputException">The file is missing or a line is not as expected.</exception>
    public static WordMoments Read(string vecPath, int words)
    {
        using var reader = VectorReader.Open(vecPath);
        var moments = new WordMoments(reader.Dimension);
        for (var left = words; left > 0 && reader.TryRead(out var batch); left -= batch.Count)
            for (var i = 0; i < Math.Min(left, batch.Count); i++) moments.Add(batch.Vector(i));
        return moments;
    }

    /// <summary>All labels.</summary>
    public static WordMoments Of(LabelSpace labels)
    {
        var moments = new WordMoments(labels.Dimension);
        for (var i = 0; i < labels.Names.Count; i++) moments.Add(labels.Vector(i));
        return moments;
    }

    /// <summary>Counts a vector, scaled to length 1; one without direction counts as none.</summary>
    public void Add(ReadOnlySpan<float> vector)
    {
        if (!Phrases.TryNormalize(vector, _unit)) return;
        TensorPrimitives.ConvertSaturating<float, double>(_unit, _row);
        TensorPrimitives.Add(_sum, _row, _sum);
        // The upper half is enough: the matrix is symmetric.
        for (var i = 0; i < dimension; i++)
        {
            var products = _products.AsSpan(i * dimension + i, dimension - i);
            TensorPrimitives.MultiplyAdd(_row.AsSpan(i), _row[i], products, products);
        }
        Count++;
    }

    /// <summary>Covariance (divided by the count), row-major.</summary>
    public double[] Covariance()
    {
        var (mean, covariance) = (Mean, new double[dimension * dimension]);
        for (var i = 0; i < dimension; i++)
            for (var j = i; j < dimension; j++)
                covariance[i * dimension + j] = covariance[j * dimension + i] = _products[i * dimension + j] / Count - mean[i] * mean[j];
        return covariance;
    }
}
