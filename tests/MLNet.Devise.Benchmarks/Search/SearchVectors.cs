using System.Runtime.InteropServices;

namespace MLNet.Devise.Benchmarks.Search;

/// <summary>
/// Unit vectors of 300 values with the geometry of word vectors: clusters of Zipf-like sizes and different spread, a power-law spectrum, a
/// common mean. In <c>base.f32</c> and <c>query.f32</c>, row by row; files that are there already are taken as they are.
/// </summary>
internal static class SearchVectors
{
    public const int Dimension = 300, Queries = 1000, MostRows = 1_000_000;
    private const int Clusters = 4000;

    public static float[] Base(string folder, int rows) => Read(Path.Combine(folder, "base.f32"), rows);

    public static float[] Query(string folder) => Read(Path.Combine(folder, "query.f32"), Queries);

    /// <summary>Makes what is missing.</summary>
    public static void Ensure(string folder)
    {
        if (File.Exists(Path.Combine(folder, "base.f32")) && File.Exists(Path.Combine(folder, "query.f32"))) return;
        Console.Error.WriteLine($"drawing {MostRows:N0} vectors into {folder} …");
        Directory.CreateDirectory(folder);
        var random = new Normal(7);
        var deviations = Enumerable.Range(0, Dimension).Select(d => 1 / (d + 8.0)).ToArray();
        var sum = deviations.Sum();
        deviations = [.. deviations.Select(variance => Math.Sqrt(variance / sum))];
        var mean = deviations.Select(deviation => random.Next() * deviation).ToArray();
        var length = Math.Sqrt(mean.Sum(value => value * value));
        var centres = Enumerable.Range(0, Clusters).Select(_ => deviations.Select(deviation => random.Next() * deviation).ToArray()).ToArray();
        var spread = Enumerable.Range(0, Clusters).Select(_ => 0.5 + random.Uniform()).ToArray();
        var share = Enumerable.Range(0, Clusters).Select(cluster => Math.Pow(cluster + 20.0, -0.8)).ToArray();
        for (var cluster = 1; cluster < Clusters; cluster++) share[cluster] += share[cluster - 1];
        void Write(string name, int rows)
        {
            using var file = File.Create(Path.Combine(folder, name));
            var vector = new float[Dimension];
            for (var row = 0; row < rows; row++)
            {
                var cluster = Array.BinarySearch(share, random.Uniform() * share[^1]) is var at && at < 0 ? Math.Min(~at, Clusters - 1) : at;
                for (var d = 0; d < Dimension; d++)
                    vector[d] = (float)(centres[cluster][d] + 0.75 * spread[cluster] * random.Next() * deviations[d] + 0.45 * mean[d] / length + 0.015 * random.Next());
                // A fixed rotation, so that no single value is larger than the others; reflections do it for a vector at a time.
                Hadamard(vector);
                var norm = MathF.Sqrt(vector.Sum(value => value * value));
                for (var d = 0; d < Dimension; d++) vector[d] /= norm;
                file.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
            }
        }
        Write("query.f32", Queries);
        Write("base.f32", MostRows);
    }

    /// <summary>Rotates by blocks of 4 × 75: signs, then sums and differences of values 1, 75 … apart; orthogonal, and mixes all values.</summary>
    private static void Hadamard(Span<float> vector)
    {
        Span<float> moved = stackalloc float[Dimension];
        for (var round = 0; round < 4; round++)
        {
            for (var d = 0; d < Dimension; d++)
                if ((d * 2654435761u >> 7 + round & 1) != 0) vector[d] = -vector[d];
            foreach (var step in (ReadOnlySpan<int>)[1, 2, 75, 150])
                for (var d = 0; d < Dimension; d++)
                {
                    var other = step < 3 ? d ^ step : d + step;
                    if (other <= d || other >= Dimension || step > 2 && d / step % 2 != 0) continue;
                    (vector[d], vector[other]) = ((vector[d] + vector[other]) * 0.70710678f, (vector[d] - vector[other]) * 0.70710678f);
                }
            // Moves values between blocks; 7 is prime to 300.
            for (var d = 0; d < Dimension; d++) moved[d * 7 % Dimension] = vector[d];
            moved.CopyTo(vector);
        }
    }

    private static float[] Read(string path, int rows)
    {
        var vectors = new float[rows * Dimension];
        using var file = File.OpenRead(path);
        file.ReadExactly(MemoryMarshal.AsBytes(vectors.AsSpan()));
        return vectors;
    }

    /// <summary>Normal numbers by Box and Muller's method.</summary>
    private sealed class Normal(int seed)
    {
        private readonly Random _random = new(seed);
        private double _spare = double.NaN;

        public double Uniform() => _random.NextDouble();

        public double Next()
        {
            if (!double.IsNaN(_spare))
            {
                var spare = _spare;
                _spare = double.NaN;
                return spare;
            }
            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())), 2 * Math.PI * _random.NextDouble());
            _spare = radius * Math.Sin(angle);
            return radius * Math.Cos(angle);
        }
    }
}
