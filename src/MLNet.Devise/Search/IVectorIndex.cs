namespace MLNet.Devise.Search;

/// <summary>Finds, among stored unit vectors, those nearest to a query by cosine.</summary>
public interface IVectorIndex
{
    /// <summary>Values a vector.</summary>
    int Dimension { get; }

    /// <summary>The id of each row.</summary>
    IReadOnlyList<string> Ids { get; }

    /// <summary>The nearest rows, best first; equal cosines in order of rows.</summary>
    /// <param name="query">A unit vector of <see cref="Dimension"/> values: an image's embedding, or a label's vector.</param>
    /// <param name="k">How many, at least 1; fewer come back where fewer are stored.</param>
    /// <exception cref="DeviseInputException">The query's length is not <see cref="Dimension"/>, or it is not a unit vector, or k is below 1.</exception>
    IReadOnlyList<SearchHit> Search(ReadOnlySpan<float> query, int k);
}

/// <summary>One row found.</summary>
/// <param name="Row">Its position in the index.</param>
/// <param name="Id">Its id.</param>
/// <param name="Cosine">Its cosine with the query, −1..1.</param>
public readonly record struct SearchHit(int Row, string Id, float Cosine);
