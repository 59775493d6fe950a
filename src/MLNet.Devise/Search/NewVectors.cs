using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search;

/// <summary>What may come into an index.</summary>
internal static class NewVectors
{
    /// <summary>Values a vector at most.</summary>
    public const int MaxDimension = 8192;

    /// <exception cref="DeviseInputException">Out of range.</exception>
    public static int CheckedDimension(int dimension) =>
        dimension is >= 1 and <= MaxDimension ? dimension : throw new DeviseInputException($"dimension: {dimension}, expected 1 to {MaxDimension:N0}");

    /// <summary>Ids once each, none empty or too long; vectors of length 1.</summary>
    /// <exception cref="DeviseInputException">They are not so; the message names the first that is not.</exception>
    public static void Check(IReadOnlyList<string> ids, ReadOnlySpan<float> vectors, int dimension)
    {
        if (dimension < 1 || (long)ids.Count * dimension != vectors.Length) throw new DeviseInputException($"{ids.Count} ids with {vectors.Length} values, expected {dimension} values each");
        var seen = ids.Count > 1 ? new HashSet<string>(ids.Count, StringComparer.Ordinal) : null;
        for (var i = 0; i < ids.Count; i++)
        {
            if (string.IsNullOrEmpty(ids[i])) throw new DeviseInputException($"vector {i}: its id is empty, expected a name");
            if (ids[i].Length > StoredIds.MaxBytes / 3) throw new DeviseInputException($"vector {i}: its id has {ids[i].Length:N0} characters, expected at most {StoredIds.MaxBytes / 3:N0}");
            if (seen?.Add(ids[i]) == false) throw new DeviseInputException($"id '{ids[i]}' comes twice, expected each once");
            UnitVectors.Check(vectors.Slice(i * dimension, dimension), dimension, "image", ids[i]);
        }
    }
}
