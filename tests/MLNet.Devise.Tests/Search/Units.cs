using System.Numerics.Tensors;
using MLNet.Devise.Search;
using MLNet.Devise.Search.Kernels;

namespace MLNet.Devise.Tests.Search;

/// <summary>Seeded vectors of length 1, and the plainest search among them.</summary>
internal static class Units
{
    /// <summary>Those that this processor has.</summary>
    public static IEnumerable<KernelKind> Kernels => Enum.GetValues<KernelKind>().Where(KernelKinds.IsSupported);

    public static float[] Random(int rows, int dimension, int seed)
    {
        var random = new Random(seed);
        var vectors = new float[rows * dimension];
        for (var i = 0; i < vectors.Length; i++) vectors[i] = random.NextSingle() - 0.5f;
        for (var row = 0; row < rows; row++) Normalize(vectors.AsSpan(row * dimension, dimension));
        return vectors;
    }

    /// <summary>Around centres, as embeddings are.</summary>
    public static float[] Clustered(int rows, int dimension, int clusters, int seed)
    {
        var (random, centres, vectors) = (new Random(seed), Random(clusters, dimension, seed + 1), Random(rows, dimension, seed + 2));
        for (var row = 0; row < rows; row++)
        {
            var vector = vectors.AsSpan(row * dimension, dimension);
            TensorPrimitives.MultiplyAdd(vector, 0.8f, centres.AsSpan(random.Next(clusters) * dimension, dimension), vector);
            Normalize(vector);
        }
        return vectors;
    }

    public static string[] Ids(int rows) => [.. Enumerable.Range(0, rows).Select(row => $"id{row}")];

    public static void Normalize(Span<float> vector) => TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);

    /// <summary>All rows sorted by cosine, which is summed as <see cref="IKernel"/> says, in plain words.</summary>
    public static IEnumerable<SearchHit> Naive(float[] vectors, int dimension, ReadOnlySpan<float> query, int k)
    {
        var cosines = new float[vectors.Length / dimension];
        for (var row = 0; row < cosines.Length; row++) cosines[row] = Dot(query, vectors.AsSpan(row * dimension, dimension));
        return cosines.Select((cosine, row) => new SearchHit(row, $"id{row}", cosine)).OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Row).Take(k);
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Span<float> lanes = stackalloc float[32];
        lanes.Clear();
        for (var i = 0; i < a.Length; i++) lanes[i % 32] = MathF.FusedMultiplyAdd(a[i], b[i], lanes[i % 32]);
        for (var i = 0; i < 16; i++) lanes[i] += lanes[i + 16];
        for (var group = 0; group < 16; group += 4) lanes[group] = lanes[group] + lanes[group + 2] + (lanes[group + 1] + lanes[group + 3]);
        return lanes[0] + lanes[8] + (lanes[4] + lanes[12]);
    }
}
