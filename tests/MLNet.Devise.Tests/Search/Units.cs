using System.Numerics.Tensors;

namespace MLNet.Devise.Tests.Search;

/// <summary>Seeded vectors of length 1.</summary>
internal static class Units
{
    public static float[] Random(int rows, int dimension, int seed)
    {
        var random = new Random(seed);
        var vectors = new float[rows * dimension];
        for (var i = 0; i < vectors.Length; i++) vectors[i] = random.NextSingle() - 0.5f;
        for (var row = 0; row < rows; row++) Normalize(vectors.AsSpan(row * dimension, dimension));
        return vectors;
    }

    public static void Normalize(Span<float> vector) => TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
}
