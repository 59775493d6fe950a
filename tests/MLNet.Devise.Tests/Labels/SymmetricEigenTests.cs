using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class SymmetricEigenTests
{
    [Fact]
    public void Two_by_two_is_what_a_hand_finds()
    {
        var (values, vectors) = SymmetricEigen.Solve([2, 1, 1, 2], 2);
        Assert.Equal([3, 1], values, (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Equal(Math.Sqrt(0.5), Math.Abs(vectors[0]), 1e-15);
        Assert.Equal(vectors[0], vectors[1], 1e-15);
        Assert.Equal(vectors[2], -vectors[3], 1e-15);
    }

    [Theory]
    [InlineData(1, 1), InlineData(7, 7), InlineData(64, 64), InlineData(61, 5)]
    public void A_matrix_times_an_eigenvector_is_its_value_times_it(int size, int rank)
    {
        var matrix = Covariance(size, rank);
        var (values, vectors) = SymmetricEigen.Solve(matrix, size);
        Assert.Equal(values.OrderDescending(), values);
        Assert.All(values.Skip(rank), value => Assert.InRange(Math.Abs(value), 0, 1e-12 * values[0]));
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++)
            {
                var (product, dot) = (0.0, 0.0);
                for (var k = 0; k < size; k++)
                {
                    product += matrix[j * size + k] * vectors[i * size + k];
                    dot += vectors[i * size + k] * vectors[j * size + k];
                }
                Assert.Equal(values[i] * vectors[i * size + j], product, 1e-12 * values[0]);
                Assert.Equal(i == j ? 1 : 0, dot, 1e-12);
            }
    }

    [Fact]
    public void Diagonal_zero_and_equal_values_do_no_harm()
    {
        Assert.Equal([5, 2, -3], SymmetricEigen.Solve([2, 0, 0, 0, -3, 0, 0, 0, 5], 3).Values);
        Assert.Equal([0, 0], SymmetricEigen.Solve([0, 0, 0, 0], 2).Values);
        Assert.Equal([0, 1, 1, 0], SymmetricEigen.Solve([1, 0, 0, 4], 2).Vectors);
    }

    [Fact]
    public void The_same_matrix_gives_the_same_bits()
    {
        var matrix = Covariance(40, 40);
        Assert.Equal(SymmetricEigen.Solve(matrix, 40).Vectors, SymmetricEigen.Solve(matrix, 40).Vectors);
    }

    /// <summary>Σ of <paramref name="rank"/> outer products, of very different lengths.</summary>
    private static double[] Covariance(int size, int rank)
    {
        var random = new Random(size);
        var matrix = new double[size * size];
        for (var r = 0; r < rank; r++)
        {
            var vector = Enumerable.Range(0, size).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(0.8, r)).ToArray();
            for (var i = 0; i < size; i++)
                for (var j = 0; j < size; j++) matrix[i * size + j] += vector[i] * vector[j];
        }
        return matrix;
    }
}
