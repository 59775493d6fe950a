namespace MLNet.Devise.Tests.Labels;

/// <summary>Label transforms again, in plain loops over double arrays: slow, and nothing shared with what they check.</summary>
internal sealed class NaiveTransform
{
    private readonly int _size;

    public NaiveTransform(IEnumerable<float[]> words)
    {
        var units = words.Select(Unit).ToArray();
        _size = units[0].Length;
        Count = units.Length;
        Mean = [.. Enumerable.Range(0, _size).Select(i => units.Average(unit => unit[i]))];
        Covariance = new double[_size, _size];
        for (var i = 0; i < _size; i++)
            for (var j = 0; j < _size; j++) Covariance[i, j] = units.Average(unit => (unit[i] - Mean[i]) * (unit[j] - Mean[j]));
    }

    public int Count { get; }

    public double[] Mean { get; }

    public double[,] Covariance { get; }

    public double[] Centre(float[] vector) => Unit([.. Unit(vector).Zip(Mean, (value, mean) => value - mean)]);

    /// <summary>The strongest components by power iteration, each taken off before the next is sought (Mu and Viswanath, algorithm 1).</summary>
    public double[] WithoutTop(float[] vector, int components)
    {
        double[] rest = [.. Unit(vector).Zip(Mean, (value, mean) => value - mean)];
        var covariance = (double[,])Covariance.Clone();
        for (var c = 0; c < components; c++)
        {
            var axis = Enumerable.Range(0, _size).Select(i => 1.0 + i % 3).ToArray();
            for (var i = 0; i < 3000; i++) axis = Unit(Times(covariance, axis));
            var variance = axis.Zip(Times(covariance, axis), (a, b) => a * b).Sum();
            for (var i = 0; i < _size; i++)
                for (var j = 0; j < _size; j++) covariance[i, j] -= variance * axis[i] * axis[j];
            var along = rest.Zip(axis, (a, b) => a * b).Sum();
            rest = [.. rest.Zip(axis, (value, direction) => value - along * direction)];
        }
        return Unit(rest);
    }

    /// <summary>The covariance drawn towards mean variance × identity as Chen et al. 2010, eq. 23, say.</summary>
    public double[,] Shrunk()
    {
        var (trace, squares) = (0.0, 0.0);
        for (var i = 0; i < _size; i++)
        {
            trace += Covariance[i, i];
            for (var j = 0; j < _size; j++) squares += Covariance[i, j] * Covariance[j, i];
        }
        var rho = Math.Min(1, ((1 - 2.0 / _size) * squares + trace * trace) / ((Count + 1 - 2.0 / _size) * (squares - trace * trace / _size)));
        var shrunk = new double[_size, _size];
        for (var i = 0; i < _size; i++)
            for (var j = 0; j < _size; j++) shrunk[i, j] = (1 - rho) * Covariance[i, j] + (i == j ? rho * trace / _size : 0);
        return shrunk;
    }

    public static double[] Unit(float[] vector) => Unit([.. vector.Select(value => (double)value)]);

    public static double[] Unit(double[] vector)
    {
        var length = Math.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }

    public static double[] Times(double[,] matrix, double[] vector) =>
        [.. Enumerable.Range(0, vector.Length).Select(i => Enumerable.Range(0, vector.Length).Sum(j => matrix[i, j] * vector[j]))];

    public static double[,] Times(double[,] a, double[,] b)
    {
        var size = a.GetLength(0);
        var product = new double[size, size];
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++)
                for (var k = 0; k < size; k++) product[i, j] += a[i, k] * b[k, j];
        return product;
    }
}
