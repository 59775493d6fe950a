using Microsoft.Extensions.VectorData;

namespace MLNet.Devise.Stores;

/// <summary>One image as a vector store keeps it. Other stores take it too, with <see cref="Definition"/> for vectors that have not 300 values.</summary>
public sealed record ImageRecord
{
    /// <summary>The image's path, or another name of it: the key.</summary>
    [VectorStoreKey]
    public string Path { get; set; } = "";

    /// <summary>Its nearest label; <see langword="null"/> where none is known.</summary>
    [VectorStoreData(IsIndexed = true)]
    public string? Label { get; set; }

    /// <summary>Its embedding, of length 1; empty in answers that were asked for without vectors.</summary>
    [VectorStoreVector(300, DistanceFunction = DistanceFunction.CosineSimilarity, IndexKind = IndexKind.Hnsw)]
    public ReadOnlyMemory<float> Vector { get; set; }

    /// <summary>What another store needs to know to keep these records.</summary>
    /// <param name="dimension">Values a vector.</param>
    public static VectorStoreCollectionDefinition Definition(int dimension) => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty(nameof(Path), typeof(string)),
            new VectorStoreDataProperty(nameof(Label), typeof(string)) { IsIndexed = true },
            new VectorStoreVectorProperty(nameof(Vector), typeof(ReadOnlyMemory<float>), dimension) { DistanceFunction = DistanceFunction.CosineSimilarity, IndexKind = IndexKind.Hnsw },
        ],
    };
}
