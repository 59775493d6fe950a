using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.VectorData;

namespace MLNet.Devise.Stores;

/// <summary>Some nodes did not answer a search: what is nearest among theirs is not known.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Made here only, with what is missing.")]
public sealed class PartialAnswerException : VectorStoreException
{
    internal PartialAnswerException(IReadOnlyList<int> missing, int shards, Exception cause)
        : base(missing.Count == shards ? $"none of {shards} vector sets answers: {cause.Message}" : $"{missing.Count} of {shards} vector sets did not answer, so the result lacks their images: {cause.Message}", cause) => (Missing, Shards) = (missing, shards);

    /// <summary>Vector sets that did not answer, by number.</summary>
    public IReadOnlyList<int> Missing { get; }

    /// <summary>Vector sets in all.</summary>
    public int Shards { get; }
}
